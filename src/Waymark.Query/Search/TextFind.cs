// Finds rows of one trace by a text that occurs somewhere in them: the search box of a waterfall.
using System.Globalization;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Search;

/// <summary>Writes a value that is neither text, number nor boolean the way it is shown to people.</summary>
public delegate string ValueWriter(TextTable texts, AttributeEntry value);

/// <summary>
/// Looks for a text in span names, services, status messages, span ids, keys and values of attributes, and events. Upper and lower case are the same
/// (<see cref="StringComparison.OrdinalIgnoreCase"/>); numbers are looked at as they are written. Attributes of resources and links are not looked at: they would mark every row.
/// Every text of the block is decoded and looked at once, however many rows have it.
/// </summary>
public sealed class TextFind
{
    private readonly SpanBlock block;
    private readonly string wanted;
    private readonly ValueWriter writer;

    /// <summary>By text code: 0 not looked at, 1 without the text, 2 with it.</summary>
    private readonly byte[] verdicts;

    private readonly Dictionary<(AttributeType Type, int Content), bool> written = [];

    private char[] characters = [];

    private TextFind(SpanBlock block, string wanted, ValueWriter writer)
    {
        this.block = block;
        this.wanted = wanted;
        this.writer = writer;
        verdicts = new byte[block.Texts.Count];
    }

    /// <summary>Rows of a trace that contain the text, counted from the trace's first, in order.</summary>
    public static List<int> Rows(SpanBlock block, TraceSlice trace, string text, ValueWriter writer)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        var find = new TextFind(block, text, writer);
        var rows = new List<int>();
        var services = new bool[block.Resources.Length];
        for (var i = 0; i < services.Length; i++) services[i] = find.IsIn(block.Resources[i].Service);
        for (var row = 0; row < trace.Count; row++)
        {
            if (services[block.Resource[trace.FirstRow + row]] || find.IsInRow(trace.FirstRow + row)) rows.Add(row);
        }
        return rows;
    }

    private bool IsInRow(int row) =>
        IsIn(block.Name[row]) || IsIn(block.StatusMessage[row]) || IsInId(block.SpanIds[row]) || IsInAny(block.Attributes.Of(row)) || IsInEvents(row);

    private bool IsInEvents(int row)
    {
        var (first, end) = block.Events.Of(row);
        for (var e = first; e < end; e++)
        {
            if (IsIn(block.Events.Name[e]) || IsInAny(block.Events.Attributes.Of(e))) return true;
        }
        return false;
    }

    private bool IsInAny(ReadOnlySpan<AttributeEntry> attributes)
    {
        foreach (ref readonly var attribute in attributes)
        {
            if (IsIn(attribute.Key) || IsInValue(attribute)) return true;
        }
        return false;
    }

    private bool IsInValue(in AttributeEntry value)
    {
        Span<char> text = stackalloc char[32];
        switch (value.Type)
        {
            case AttributeType.Text:
                return IsIn(value.Content);
            case AttributeType.Bool:
                return IsIn(value.Number != 0 ? "true" : "false");
            case AttributeType.Int:
                value.Number.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
                return IsIn(text[..length]);
            case AttributeType.Double:
                BitConverter.Int64BitsToDouble(value.Number).TryFormat(text, out length, "R", CultureInfo.InvariantCulture);
                return IsIn(text[..length]);
            case AttributeType.Empty:
                return false;
            default:
                // By type as well: the bytes of a list may be those of a text, and mean something else.
                if (!written.TryGetValue((value.Type, value.Content), out var isIn)) written[(value.Type, value.Content)] = isIn = IsIn(writer(block.Texts, value));
                return isIn;
        }
    }

    private bool IsInId(SpanId id)
    {
        Span<char> text = stackalloc char[16];
        id.Value.TryFormat(text, out _, "x16", CultureInfo.InvariantCulture);
        return IsIn(text);
    }

    private bool IsIn(int code)
    {
        if (code < 0) return false;
        ref var verdict = ref verdicts[code];
        if (verdict == 0) verdict = IsInBytes(block.Texts.Utf8(code)) ? (byte)2 : (byte)1;
        return verdict == 2;
    }

    private bool IsInBytes(ReadOnlySpan<byte> utf8)
    {
        if (characters.Length < utf8.Length) characters = new char[Math.Max(utf8.Length, 1024)];
        return IsIn(characters.AsSpan(0, Encoding.UTF8.GetChars(utf8, characters)));
    }

    private bool IsIn(ReadOnlySpan<char> text) => text.Contains(wanted, StringComparison.OrdinalIgnoreCase);
}
