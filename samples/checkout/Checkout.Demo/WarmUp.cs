// The first requests of a process are slow: these are made before anybody looks, and leave no trace.
using System.Net.Http.Json;

namespace Checkout.Demo;

internal static class WarmUp
{
    /// <summary>Enough for every service to have done its part more than once.</summary>
    private const int Rounds = 3;

    /// <summary>A parent that was not sampled: no service records anything.</summary>
    private const string Unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    private static readonly string[] Pages = ["/", "/products", "/products/mug-slate", "/cart", "/recommendations"];

    /// <exception cref="DemoException">The shop does not do what it is there for.</exception>
    public static async Task RunAsync(Uri shop, TimeSpan limit, CancellationToken stop)
    {
        using var client = new HttpClient { BaseAddress = shop, Timeout = limit };
        client.DefaultRequestHeaders.TryAddWithoutValidation("traceparent", Unsampled);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer c-101");
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var page in Pages) await CheckAsync(page, () => client.GetAsync(page, stop), stop);
            var order = new { items = new[] { new { sku = "tea-sencha", quantity = 1 } }, card = "tok_visa" };
            await CheckAsync("/checkout", () => client.PostAsJsonAsync("/checkout", order, stop), stop);
        }
    }

    private static async Task CheckAsync(string path, Func<Task<HttpResponseMessage>> send, CancellationToken stop)
    {
        try
        {
            using var response = await send();
            if (!response.IsSuccessStatusCode) throw new DemoException($"The shop answered {path} with status {(int)response.StatusCode}.");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !stop.IsCancellationRequested)
        {
            throw new DemoException($"The shop did not answer {path}: {exception.Message}");
        }
    }
}
