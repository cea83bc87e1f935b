// GET /api/v1/traces/{id}/find?text=: the rows of a trace that contain a text.
using System.Text;
using System.Text.Json;
using Waymark.Model.Bodies;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Query.Search;

namespace Waymark.Server.Api.Native;

internal static class FindRowsRoute
{
    public static readonly Route Route = new(
        "/api/v1/traces/{id}/find",
        "findRows",
        "Rows of a trace whose name, service, status message, span id, attribute key or value, event name or event attribute contains a text, in whatever case. Attributes of resources and links are not looked at.",
        [Parameters.TraceId, Parameters.FindText],
        ("FoundRows", Schema.Object(("rows", Schema.Array(Schema.Int("Row of the layout."), "In order.")))),
        HandleAsync);

    private static async Task HandleAsync(RouteCall call)
    {
        if (await call.FindTraceAsync(new SpanSelection(SpanParts.Attributes | SpanParts.Events)) is not { } block) return;
        var rows = TextFind.Rows(block, block.Traces[0], call.Get(Parameters.FindText), PlainText);
        await using var answer = call.OpenJson();
        answer.Json.WriteStartObject();
        if (!await answer.WriteColumnAsync("rows", rows.Count, (json, from, to) =>
        {
            for (var i = from; i < to; i++) json.WriteNumberValue(rows[i]);
        })) return;
        answer.Json.WriteEndObject();
        await answer.FinishAsync();
    }

    /// <summary>Arrays, key-value lists and bytes as the span's details show them.</summary>
    private static string PlainText(TextTable texts, AttributeEntry value)
    {
        using var buffer = new PooledBuffer();
        using (var json = new Utf8JsonWriter(buffer, JsonAnswer.Options)) OtlpJsonWriter.WritePlainValue(texts, value, json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
