// Traces read back from a running server, wherever it came from.
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Waymark.Process.Tests.Harness;

/// <param name="http">Where the server's APIs listen.</param>
internal sealed class WaymarkReader(Uri http) : IDisposable
{
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(60) };

    public Uri Http => http;

    /// <summary>The trace as Tempo's v2 endpoint answers it, or null for 404.</summary>
    public async Task<StoredTrace?> GetTrace(string traceId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(http, $"/tempo/api/v2/traces/{traceId}"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var response = await client.SendAsync(request);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{(int)response.StatusCode} for trace {traceId}: {text}");
        using var json = JsonDocument.Parse(text);
        return StoredTrace.Read(json.RootElement.GetProperty("trace"));
    }

    /// <summary>Asks until the trace satisfies <paramref name="isWhole"/>; throws with what is there when the time is up.</summary>
    /// <param name="serverErrors">Told with it, when the server's own complaints are at hand.</param>
    public async Task<StoredTrace> WaitForTrace(string traceId, Func<StoredTrace, bool> isWhole, double seconds = 20, Func<string>? serverErrors = null)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var trace = await GetTrace(traceId);
            if (trace is not null && isWhole(trace)) return trace;
            if (clock.Elapsed.TotalSeconds > seconds)
            {
                throw new TimeoutException($"Trace {traceId} is not whole after {seconds} s; stored are:\n{trace?.ToString() ?? "(no span)"}\n{serverErrors?.Invoke()}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>A JSON answer of the native API.</summary>
    public async Task<JsonElement> GetJson(string path)
    {
        using var response = await client.GetAsync(new Uri(http, path));
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{(int)response.StatusCode} for {path}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    public void Dispose() => client.Dispose();
}
