// Asks a running server over its native API, and turns every way this can fail into a sentence.
using System.Net;
using System.Text.Json;

namespace Waymark.Server.Terminal;

/// <summary>A client of one server's <c>/api/v1</c>. Failures are <see cref="CommandFailedException"/>s. The address may carry a path under which the server is reached.</summary>
internal sealed class ServerClient : IDisposable
{
    /// <summary>How long to wait for a connection, and for an answer to begin.</summary>
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(60);

    /// <summary>Characters of an error answer that are shown.</summary>
    private const int MaxErrorText = 500;

    private readonly HttpClient http;
    private readonly Uri root;

    private ServerClient(Uri root)
    {
        this.root = root;
        http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectPatience, AutomaticDecompression = DecompressionMethods.All }) { Timeout = AnswerPatience };
    }

    /// <param name="server">An absolute http(s) URL; without a scheme, http.</param>
    public static ServerClient For(string server)
    {
        var text = server.Contains("://", StringComparison.Ordinal) ? server : "http://" + server;
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var root) || root.Scheme is not ("http" or "https"))
            throw new CommandFailedException(ExitCodes.BadInput, $"\"{Cells.Clean(server)}\" is not the URL of a server. It looks like {ServerOption.Default}.");
        return new ServerClient(root);
    }

    /// <summary>Fetches a JSON answer. The caller disposes the response.</summary>
    /// <param name="path">Relative to the server's address, without a leading slash.</param>
    /// <param name="notFound">What a 404 means.</param>
    public async Task<HttpResponseMessage> GetAsync(string path, string notFound, CancellationToken cancellation)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.GetAsync(new Uri(root, path), HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException)
        {
            throw new CommandFailedException(ExitCodes.NoAnswer, $"Nothing answers at {Address}: is `waymark serve` running? Use --server URL.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CommandFailedException(ExitCodes.NoAnswer, $"The server at {Address} took longer than {AnswerPatience.TotalSeconds:0} s to answer.");
        }
        if (response.IsSuccessStatusCode && IsJson(response)) return response;
        using (response) throw await FailureAsync(response, notFound, cancellation);
    }

    /// <summary>Reads the answer as a JSON object.</summary>
    public async Task<JsonDocument> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            return await JsonDocument.ParseAsync(body, cancellationToken: cancellation);
        }
        catch (Exception failure) when (failure is JsonException or IOException or HttpRequestException)
        {
            throw new CommandFailedException(ExitCodes.NoAnswer, $"The answer of {Address} broke off or is not JSON.");
        }
    }

    /// <summary>For an answer that lacks what the API promises.</summary>
    public CommandFailedException NotUnderstood() =>
        new(ExitCodes.NoAnswer, $"{Address} answered, but not as Waymark's API does. Is it another version, or another program?");

    public void Dispose() => http.Dispose();

    private string Address => Cells.Clean(root.GetLeftPart(UriPartial.Path).TrimEnd('/'));

    private async Task<CommandFailedException> FailureAsync(HttpResponseMessage response, string notFound, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode || !IsJson(response)) return NotUnderstood();
        var why = await ErrorTextAsync(response, cancellation);
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => new CommandFailedException(ExitCodes.NotFound, notFound),
            HttpStatusCode.BadRequest => new CommandFailedException(ExitCodes.BadInput, why),
            _ => new CommandFailedException(ExitCodes.NoAnswer, FormattableString.Invariant($"The server at {Address} answered {(int)response.StatusCode}: {why}")),
        };
    }

    /// <summary>The sentence in a problem answer (RFC 9457).</summary>
    private async Task<string> ErrorTextAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var document = await ReadAsync(response, cancellation);
        var text = "";
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in (ReadOnlySpan<string>)["detail", "title"])
            {
                if (text.Length == 0 && document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String) text = value.GetString()!;
            }
        }
        if (text.Length == 0) text = response.ReasonPhrase ?? "no reason given";
        return Cells.Clean(text.Length > MaxErrorText ? text[..MaxErrorText] + "…" : text);
    }

    private static bool IsJson(HttpResponseMessage response) =>
        response.Content.Headers.ContentType?.MediaType is { } type && (type == "application/json" || type.EndsWith("+json", StringComparison.Ordinal));
}
