// JSON straight into the response, in bounded memory: what is written is handed to the socket piece by piece, at the pace of the client.
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Waymark.Server.Api.Native;

/// <summary>Writes the elements of rows [from, to) of a column.</summary>
internal delegate void ColumnWriter(Utf8JsonWriter json, int from, int to);

/// <summary>A JSON writer on a response body. Call <see cref="FlushIfFullAsync"/> between elements, <see cref="FinishAsync"/> at the end.</summary>
internal sealed class JsonAnswer(PipeWriter body) : IAsyncDisposable
{
    /// <summary>Bytes that may wait in memory before they are handed on.</summary>
    private const int MaxWaitingBytes = 64 * 1024;

    // Answers are never part of a page, so only what JSON itself demands is escaped.
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Rows of a column written between two looks at what waits: some 20 KiB of numbers.</summary>
    private const int RowsPerLook = 1024;

    private long handedOn;

    public Utf8JsonWriter Json { get; } = new(body, Options);

    /// <summary>False when the client is gone and there is no point in going on.</summary>
    public async ValueTask<bool> FlushIfFullAsync()
    {
        if (Json.BytesCommitted + Json.BytesPending - handedOn < MaxWaitingBytes) return true;
        return await FinishAsync();
    }

    /// <summary>Writes an array of one element per row. False when the client is gone.</summary>
    public async ValueTask<bool> WriteColumnAsync(string name, int rows, ColumnWriter write)
    {
        Json.WriteStartArray(name);
        for (var from = 0; from < rows; from += RowsPerLook)
        {
            write(Json, from, Math.Min(rows, from + RowsPerLook));
            if (!await FlushIfFullAsync()) return false;
        }
        Json.WriteEndArray();
        return true;
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
