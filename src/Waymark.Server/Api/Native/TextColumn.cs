// A column of texts as indexes into a table of its own.
using System.Text.Json;
using Waymark.Model.Stores;

namespace Waymark.Server.Api.Native;

/// <summary>Each distinct text of a trace once, in order of appearance; two codes of the block may hold one text.</summary>
internal sealed class TextColumn
{
    private readonly List<string> table = [];
    private readonly Dictionary<string, int> byText = new(StringComparer.Ordinal);

    private TextColumn(int rows) => Codes = new int[rows];

    /// <summary>By row, counted from the trace's first: index into <see cref="Table"/>.</summary>
    public int[] Codes { get; }

    public IReadOnlyList<string> Table => table;

    /// <param name="codes">Text codes of the block, a row each.</param>
    public static TextColumn Of(TextTable texts, ReadOnlySpan<int> codes)
    {
        var column = new TextColumn(codes.Length);
        var known = new Dictionary<int, int>();
        for (var row = 0; row < codes.Length; row++)
        {
            if (!known.TryGetValue(codes[row], out var at)) known[codes[row]] = at = column.IndexOf(texts.String(codes[row]));
            column.Codes[row] = at;
        }
        return column;
    }

    public static TextColumn OfServices(SpanBlock block, TraceSlice trace)
    {
        var column = new TextColumn(trace.Count);
        var known = new int[block.Resources.Length];
        Array.Fill(known, -1);
        for (var row = 0; row < trace.Count; row++)
        {
            ref var at = ref known[block.Resource[trace.FirstRow + row]];
            if (at < 0) at = column.IndexOf(block.Texts.String(block.Service(trace.FirstRow + row)));
            column.Codes[row] = at;
        }
        return column;
    }

    public void WriteTable(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        foreach (var text in table) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private int IndexOf(string text)
    {
        if (byText.TryGetValue(text, out var at)) return at;
        table.Add(text);
        return byText[text] = table.Count - 1;
    }
}
