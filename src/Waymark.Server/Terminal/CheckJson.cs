// Checks and inspections as JSON, for programs.
using System.Text.Encodings.Web;
using System.Text.Json;
using Waymark.Storage.Checking;

namespace Waymark.Server.Terminal;

/// <summary>Writes JSON to an output, harmless to a terminal.</summary>
internal static class CheckJson
{
    public static Task WriteAsync(CheckReport report, TextWriter output, CancellationToken cancellation) => WriteAsync(output, json =>
    {
        json.WriteString("directory"u8, report.Directory);
        json.WriteBoolean("sound"u8, report.IsSound);
        if (report.UsedBy is { } process) json.WriteString("usedByProcess"u8, process);
        json.WriteStartObject("checked"u8);
        json.WriteNumber("files"u8, report.Checked.Files);
        json.WriteNumber("bytes"u8, report.Checked.Bytes);
        json.WriteNumber("segments"u8, report.Checked.Segments);
        json.WriteNumber("spans"u8, report.Checked.Spans);
        json.WriteNumber("traces"u8, report.Checked.Traces);
        json.WriteNumber("pages"u8, report.Checked.Pages);
        json.WriteNumber("logRecords"u8, report.Checked.LogRecords);
        json.WriteNumber("logSpans"u8, report.Checked.LogSpans);
        json.WriteEndObject();
        Findings(json, report.Findings);
        json.WriteNumber("withheldFindings"u8, report.Withheld);
    }, cancellation);

    public static Task WriteAsync(InspectedFile file, TextWriter output, CancellationToken cancellation) => WriteAsync(output, json =>
    {
        json.WriteString("path"u8, file.Path);
        json.WriteString("kind"u8, file.Kind);
        json.WriteNumber("bytes"u8, file.Bytes);
        json.WriteStartObject("facts"u8);
        foreach (var fact in file.Facts) Value(json, fact.Key, fact.Value);
        json.WriteEndObject();
        json.WriteStartObject("tables"u8);
        foreach (var table in file.Tables)
        {
            json.WriteStartArray(table.Key);
            foreach (var row in table.Rows)
            {
                json.WriteStartObject();
                for (var k = 0; k < row.Length; k++) Value(json, table.Fields[k].Key, row[k]);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
        Findings(json, file.Findings);
    }, cancellation);

    private static void Findings(Utf8JsonWriter json, IReadOnlyList<CheckFinding> findings)
    {
        json.WriteStartArray("findings"u8);
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("severity"u8, JsonNamingPolicy.CamelCase.ConvertName(finding.Severity.ToString()));
            json.WriteString("file"u8, finding.File);
            if (finding.Offset is { } offset) json.WriteNumber("offset"u8, offset);
            json.WriteString("what"u8, finding.What);
            if (finding.Remedy.Length > 0) json.WriteString("remedy"u8, finding.Remedy);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Value(Utf8JsonWriter json, string key, InspectedValue value)
    {
        if (value.Text is { } text) json.WriteString(key, text);
        else if (double.IsInteger(value.Number)) json.WriteNumber(key, (long)value.Number);
        else json.WriteNumber(key, Math.Round(value.Number, 4));
    }

    private static async Task WriteAsync(TextWriter output, Action<Utf8JsonWriter> members, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        buffer.Position = 0;
        await JsonEcho.CopyAsync(buffer, output, cancellation);
    }
}
