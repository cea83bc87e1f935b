// Asks a running server over its native API, and turns every way this can fail into a sentence.
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Waymark.Server.Terminal;

/// <summary>A client of one server's <c>/api/v1</c>. Failures are <see cref="CommandFailedException"/>s. The address may carry a path under which the server is reached.</summary>
internal sealed class ServerClient : IDisposable
{
    /// <summary>How long to wait for a connection, and for an answer to begin.</summary>
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(60);

    /// <summary>Cells of an error answer that are shown.</summary>
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
        if (response.IsSuccessStatusCode && MediaType(response) == "application/json") return response;
        using (response) throw await FailureAsync(response, notFound, cancellation);
    }

    /// <summary>Reads an answer whole.</summary>
    public async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            return await JsonSerializer.DeserializeAsync(body, type, cancellation) ?? throw NotUnderstood();
        }
        catch (JsonException)
        {
            throw NotUnderstood();
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException)
        {
            throw BrokenOff();
        }
    }

    /// <summary>Copies an answer to the output as it is.</summary>
    public async Task EchoAsync(HttpResponseMessage response, TextWriter output, CancellationToken cancellation)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            await JsonEcho.CopyAsync(body, output, cancellation);
        }
        catch (Exception failure) when (failure is HttpRequestException or HttpIOException)
        {
            throw BrokenOff();
        }
    }

    public void Dispose() => http.Dispose();

    private string Address => Cells.Clean(root.GetLeftPart(UriPartial.Path).TrimEnd('/'));

    private async Task<CommandFailedException> FailureAsync(HttpResponseMessage response, string notFound, CancellationToken cancellation)
    {
        if (MediaType(response) != "application/problem+json")
        {
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound) return NotUnderstood();
            return new CommandFailedException(ExitCodes.NoAnswer, FormattableString.Invariant($"The server at {Address} answered {(int)response.StatusCode} {Cells.Clean(response.ReasonPhrase ?? "")}."));
        }
        var why = Cells.Clean((await ReadAsync(response, NativeAnswers.Default.ProblemAnswer, cancellation)).Detail);
        if (why.Length > MaxErrorText) why = Cells.Cut(why, MaxErrorText);
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => new CommandFailedException(ExitCodes.NotFound, notFound),
            HttpStatusCode.BadRequest => new CommandFailedException(ExitCodes.BadInput, why),
            _ => new CommandFailedException(ExitCodes.NoAnswer, FormattableString.Invariant($"The server at {Address} answered {(int)response.StatusCode}: {why}")),
        };
    }

    private CommandFailedException NotUnderstood() =>
        new(ExitCodes.NoAnswer, $"{Address} answered, but not as Waymark's API does. Is it another version, or another program?");

    private CommandFailedException BrokenOff() => new(ExitCodes.NoAnswer, $"The answer of {Address} broke off before its end.");

    private static string? MediaType(HttpResponseMessage response) => response.Content.Headers.ContentType?.MediaType;
}
