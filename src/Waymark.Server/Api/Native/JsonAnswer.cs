// JSON straight into the response, in bounded memory: what is written is handed to the socket piece by piece, at the pace of the client.
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Waymark.Server.Api.Native;

/// <summary>A JSON writer on a response body. Call <see cref="FlushIfFullAsync"/> between elements, <see cref="FinishAsync"/> at the end.</summary>
internal sealed class JsonAnswer(PipeWriter body) : IAsyncDisposable
{
    /// <summary>Bytes that may wait in memory before they are handed on.</summary>
    private const int MaxWaitingBytes = 64 * 1024;

    // Answers are never part of a page, so only what JSON itself demands is escaped.
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private long handedOn;

    public Utf8JsonWriter Json { get; } = new(body, Options);

    /// <summary>False when the client is gone and there is no point in going on.</summary>
    public async ValueTask<bool> FlushIfFullAsync()
    {
        if (Json.BytesCommitted + Json.BytesPending - handedOn < MaxWaitingBytes) return true;
        return await FinishAsync();
    }

    /// <summary>Hands on all that was written. False when the client is gone.</summary>
    public async ValueTask<bool> FinishAsync()
    {
        Json.Flush();
        handedOn = Json.BytesCommitted;
        var result = await body.FlushAsync();
        return !result.IsCompleted && !result.IsCanceled;
    }

    public ValueTask DisposeAsync() => Json.DisposeAsync();
}
