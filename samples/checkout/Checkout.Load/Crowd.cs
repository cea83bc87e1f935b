// Sends visits at a steady average rate with irregular gaps, whether or not earlier ones have been answered: customers do not wait for each other.
using System.Net.Http.Json;
using Microsoft.Extensions.Hosting;

namespace Checkout.Load;

/// <param name="perSecond">Average number of requests a second.</param>
internal sealed class Crowd(Uri shop, double perSecond) : BackgroundService
{
    /// <summary>Requests under way at once; more are not sent, so that a shop that hangs is not buried.</summary>
    private const int MaxUnderWay = 64;

    private readonly HttpClient client = new() { BaseAddress = shop, Timeout = TimeSpan.FromSeconds(30) };
    private readonly SemaphoreSlim room = new(MaxUnderWay);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        client.DefaultRequestHeaders.UserAgent.ParseAdd("checkout-load/1.0");
        try
        {
            while (true)
            {
                // Exponential gaps: arrivals of people who do not know of each other.
                await Task.Delay(TimeSpan.FromSeconds(-Math.Log(1 - Random.Shared.NextDouble()) / perSecond), stoppingToken);
                if (room.Wait(0, stoppingToken)) _ = SendAsync(Visits.Next(Random.Shared), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the day.
        }
    }

    private async Task SendAsync(Visit visit, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(visit.Method, visit.Path);
            if (visit.Customer is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {visit.Customer}");
            if (visit.Body is not null) request.Content = JsonContent.Create(visit.Body, visit.Body.GetType());
            using var response = await client.SendAsync(request, cancellation);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // A customer who gets no answer goes away; the traces say why.
        }
        finally
        {
            room.Release();
        }
    }

    public override void Dispose()
    {
        client.Dispose();
        room.Dispose();
        base.Dispose();
    }
}
