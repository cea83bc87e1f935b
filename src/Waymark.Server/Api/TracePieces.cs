// Writes a trace of any size in bounded memory: piece by piece, waiting for a slow reader between pieces.
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using Waymark.Model.Bodies;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;

namespace Waymark.Server.Api;

/// <summary>
/// One stored trace, cut into runs of rows that are encoded one after the other. Each piece groups its own spans by resource and scope, so a resource of a large
/// trace comes once per piece, as OTLP allows.
/// </summary>
internal sealed class TracePieces
{
    /// <summary>Spans per piece: at some 500 to 1,000 bytes each, a piece is one or two MiB.</summary>
    public const int SpansPerPiece = 2048;

    /// <summary>First size of the buffer a piece is encoded into.</summary>
    public const int BufferBytes = 64 * 1024;

    // Answers are never part of a page, so only what JSON itself demands is escaped.
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly SpanBlock block;

    /// <param name="whole">A block whose first trace is the one to write, with all parts.</param>
    public TracePieces(SpanBlock whole)
    {
        IsPartial = whole.Traces[0].IsPartial;
        block = whole.Traces[0].Count <= SpansPerPiece ? whole : Cut(whole);
        Count = whole.Traces[0].Count <= SpansPerPiece ? 1 : block.Traces.Length;
    }

    /// <summary>Part of the trace could not be read.</summary>
    public bool IsPartial { get; }

    public int Count { get; }

    /// <summary>Bytes that <see cref="WriteProtobufAsync"/> will write. A large trace is encoded twice for this: length comes before content, and holding it all is what must not happen.</summary>
    public long MeasureProtobuf(PooledBuffer scratch)
    {
        long length = 0;
        for (var piece = 0; piece < Count; piece++)
        {
            scratch.Clear();
            OtlpProtobufWriter.WriteTrace(block, piece, scratch);
            length += scratch.Length;
        }
        return length;
    }

    /// <summary>Writes the fields of a <c>Trace</c> message.</summary>
    public async Task WriteProtobufAsync(PipeWriter body, PooledBuffer scratch, CancellationToken cancellation)
    {
        for (var piece = 0; piece < Count; piece++)
        {
            scratch.Clear();
            OtlpProtobufWriter.WriteTrace(block, piece, scratch);
            await body.WriteAsync(scratch.WrittenMemory, cancellation);
        }
    }

    /// <summary>Writes the elements of the array of <c>ResourceSpans</c>, without its brackets.</summary>
    public async Task WriteJsonElementsAsync(PipeWriter body, PooledBuffer scratch, OtlpJsonForm form, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(scratch, JsonOptions);
        var isFirst = true;
        for (var piece = 0; piece < Count; piece++)
        {
            scratch.Clear();
            json.Reset();
            OtlpJsonWriter.WriteResourceSpans(block, piece, json, form);
            await json.FlushAsync(cancellation);
            // The opening bracket gives its place to the comma after the piece before; the closing one is dropped.
            if (scratch.Length <= 2) continue;
            scratch.Written[0] = (byte)',';
            var elements = scratch.WrittenMemory[..^1];
            await body.WriteAsync(isFirst ? elements[1..] : elements, cancellation);
            isFirst = false;
        }
    }

    /// <summary>The same rows as several slices of at most <see cref="SpansPerPiece"/>.</summary>
    private static SpanBlock Cut(SpanBlock whole)
    {
        var trace = whole.Traces[0];
        var slices = new TraceSlice[(trace.Count + SpansPerPiece - 1) / SpansPerPiece];
        for (var piece = 0; piece < slices.Length; piece++)
        {
            var offset = piece * SpansPerPiece;
            slices[piece] = trace with { FirstRow = trace.FirstRow + offset, Count = Math.Min(SpansPerPiece, trace.Count - offset) };
        }
        return new SpanBlock
        {
            Traces = slices,
            Texts = whole.Texts,
            Resources = whole.Resources,
            Scopes = whole.Scopes,
            SpanIds = whole.SpanIds,
            ParentSpanIds = whole.ParentSpanIds,
            ParentRow = whole.ParentRow,
            SubtreeEnd = whole.SubtreeEnd,
            Start = whole.Start,
            End = whole.End,
            Name = whole.Name,
            Kind = whole.Kind,
            Status = whole.Status,
            StatusMessage = whole.StatusMessage,
            TraceState = whole.TraceState,
            Flags = whole.Flags,
            DroppedAttributes = whole.DroppedAttributes,
            DroppedEvents = whole.DroppedEvents,
            DroppedLinks = whole.DroppedLinks,
            Resource = whole.Resource,
            Scope = whole.Scope,
            Marks = whole.Marks,
            Attributes = whole.Attributes,
            Events = whole.Events,
            Links = whole.Links,
        };
    }
}
