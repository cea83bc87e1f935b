// How one service calls another: JSON over HTTP, the address read anew each time, because a release may move it.
using System.Net;
using System.Net.Http.Json;
using Checkout.Shared.Contracts;
using Microsoft.Extensions.Configuration;

namespace Checkout.Shared.Hosting;

/// <summary>Calls services by name. <c>services:NAME</c> in the configuration is the base address of NAME.</summary>
public sealed class ServiceCaller(HttpClient client, IConfiguration configuration)
{
    /// <param name="authorization">The header of that name, passed on from the caller's caller.</param>
    public Task<CallResult<T>> GetAsync<T>(string service, string path, CancellationToken cancellation, string? authorization = null) where T : class =>
        SendAsync<T>(service, HttpMethod.Get, path, body: null, cancellation, authorization);

    public Task<CallResult<T>> PostAsync<T>(string service, string path, object body, CancellationToken cancellation) where T : class =>
        SendAsync<T>(service, HttpMethod.Post, path, body, cancellation);

    public Task<CallResult<T>> DeleteAsync<T>(string service, string path, CancellationToken cancellation) where T : class =>
        SendAsync<T>(service, HttpMethod.Delete, path, body: null, cancellation);

    public Task<CallResult<T>> PutAsync<T>(string service, string path, object body, CancellationToken cancellation) where T : class =>
        SendAsync<T>(service, HttpMethod.Put, path, body, cancellation);

    /// <summary>An answer from 200 to 299, or below 500 with a refusal in it. Everything else throws <see cref="HttpRequestException"/>.</summary>
    private async Task<CallResult<T>> SendAsync<T>(string service, HttpMethod method, string path, object? body, CancellationToken cancellation, string? authorization = null) where T : class
    {
        using var request = new HttpRequestMessage(method, new Uri(AddressOf(service), path));
        if (body is not null) request.Content = JsonContent.Create(body, body.GetType());
        if (!string.IsNullOrEmpty(authorization)) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await client.SendAsync(request, cancellation);
        var status = (int)response.StatusCode;
        if (status is >= 400 and < 500)
        {
            var refusal = await response.Content.ReadFromJsonAsync<Refusal>(cancellation);
            return new CallResult<T>(Value: null, refusal, status);
        }

        response.EnsureSuccessStatusCode();
        if (response.StatusCode == HttpStatusCode.NoContent) return new CallResult<T>(Value: null, Refusal: null, status);
        return new CallResult<T>(await response.Content.ReadFromJsonAsync<T>(cancellation), Refusal: null, status);
    }

    private Uri AddressOf(string service)
    {
        var address = configuration[$"services:{service}"] ?? throw new InvalidOperationException($"services:{service} is not configured: where does {service} listen?");
        return new Uri(address);
    }
}

/// <summary>Either a value or a refusal; neither, when the answer had no content.</summary>
public sealed record CallResult<T>(T? Value, Refusal? Refusal, int Status) where T : class
{
    /// <summary>For calls that have no reason to be refused.</summary>
    public T Required() => Value ?? throw new HttpRequestException($"Status {Status}: {Refusal?.Message}", inner: null, (HttpStatusCode)Status);
}
