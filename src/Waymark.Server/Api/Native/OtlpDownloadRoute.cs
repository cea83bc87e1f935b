// GET /api/v1/traces/{id}/otlp: a trace as an OTLP JSON file, as any OTLP/HTTP receiver takes it.
using System.Buffers;
using System.Text.Json;
using Waymark.Model.Bodies;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;

namespace Waymark.Server.Api.Native;

internal static class OtlpDownloadRoute
{
    /// <summary>Rows written at a time: a larger trace repeats its resources and scopes in each piece, which OTLP allows, and memory stays bounded.</summary>
    private const int RowsPerPiece = 2000;

    public static readonly Route Route = new(
        "/api/v1/traces/{id}/otlp",
        "downloadTrace",
        "A trace as a file in OTLP's JSON mapping (TracesData): exact types, and everything that was sent.",
        [Parameters.TraceId],
        ("OtlpTracesData", Schema.Object(("resourceSpans", Schema.Array(Schema.Map("As opentelemetry.proto.trace.v1.ResourceSpans."))))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        if (await call.FindTraceAsync() is not { } block) return;
        var trace = block.Traces[0];
        var response = call.Http.Response;
        response.ContentType = "application/json";
        response.Headers.ContentDisposition = $"attachment; filename=\"trace-{trace.Id}.json\"";
        var body = response.BodyWriter;
        body.Write("{\"resourceSpans\":["u8);
        using var piece = new PooledBuffer();
        for (var row = 0; row < trace.Count; row += RowsPerPiece)
        {
            piece.Clear();
            WritePiece(Rows(block, trace, row, Math.Min(RowsPerPiece, trace.Count - row)), piece);
            if (row > 0) body.Write(","u8);
            // The piece is an array of its own; its elements join the one that is open.
            body.Write(piece.WrittenSpan[1..^1]);
            var flushed = await body.FlushAsync();
            if (flushed.IsCompleted) return;
        }
        body.Write("]}"u8);
        await body.FlushAsync();
    }

    private static void WritePiece(SpanBlock block, PooledBuffer piece)
    {
        using var json = new Utf8JsonWriter(piece, JsonAnswer.Options);
        OtlpJsonWriter.WriteResourceSpans(block, 0, json, OtlpJsonForm.Otlp);
        json.Flush();
    }

    /// <summary>The same columns with some rows of the trace as the only one; nothing is copied.</summary>
    private static SpanBlock Rows(SpanBlock block, TraceSlice trace, int first, int count) => first == 0 && count == trace.Count ? block : new SpanBlock
    {
        Traces = [trace with { FirstRow = trace.FirstRow + first, Count = count }],
        Texts = block.Texts,
        Resources = block.Resources,
        Scopes = block.Scopes,
        SpanIds = block.SpanIds,
        ParentSpanIds = block.ParentSpanIds,
        ParentRow = block.ParentRow,
        SubtreeEnd = block.SubtreeEnd,
        Start = block.Start,
        End = block.End,
        Name = block.Name,
        Kind = block.Kind,
        Status = block.Status,
        StatusMessage = block.StatusMessage,
        TraceState = block.TraceState,
        Flags = block.Flags,
        DroppedAttributes = block.DroppedAttributes,
        DroppedEvents = block.DroppedEvents,
        DroppedLinks = block.DroppedLinks,
        Resource = block.Resource,
        Scope = block.Scope,
        Marks = block.Marks,
        Attributes = block.Attributes,
        Events = block.Events,
        Links = block.Links,
    };
}
