// What a segment file consists of, byte range by byte range: pages, dictionary blocks, sections, directory, header and footer.
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Checking;

/// <summary>A block of a dictionary as the directory describes it.</summary>
internal readonly record struct DictionaryBlock(int FirstCode, int Entries, PageEncoding Encoding, PageCodec Codec, int Bytes, long Offset, uint Crc);

/// <summary>What a part of a segment is.</summary>
internal enum PartKind
{
    Header,
    Page,
    DictionaryBlock,
    Section,
    Directory,
    Footer,
}

/// <summary>One part. <paramref name="Index"/> is the column, dictionary or section it belongs to, <paramref name="Piece"/> the page or block.</summary>
internal readonly record struct SegmentPart(PartKind Kind, int Index, int Piece, long Offset, int Bytes);

/// <summary>Lists the parts of an open segment. The directory's own contradictions surface as <see cref="CorruptFileException"/>.</summary>
internal static class SegmentParts
{
    public static List<DictionaryBlock> Blocks(SegmentReader segment, int dictionary)
    {
        var entry = segment.DictionaryEntry(dictionary);
        var cursor = segment.Cursor(entry.ListStart, entry.ListLength);
        var blocks = new List<DictionaryBlock>();
        long previousEnd = 0;
        for (var code = 0; !cursor.AtEnd;)
        {
            var count = (int)cursor.Varint(entry.Entries - code, "entries of a dictionary block");
            var encoding = (PageEncoding)cursor.Varint(byte.MaxValue, "encoding");
            var codec = (PageCodec)cursor.Varint(byte.MaxValue, "codec");
            var bytes = (int)cursor.Varint(int.MaxValue, "bytes of a dictionary block");
            var offset = cursor.Offset(ref previousEnd, bytes, segment.DataEnd);
            blocks.Add(new DictionaryBlock(code, count, encoding, codec, bytes, offset, cursor.Word32()));
            cursor.Prefixed();
            code += count;
        }
        return blocks;
    }

    /// <summary>Every part of the file, by offset.</summary>
    public static List<SegmentPart> All(SegmentReader segment)
    {
        var parts = new List<SegmentPart>
        {
            new(PartKind.Header, 0, 0, 0, SegmentFormat.HeaderBytes),
            new(PartKind.Directory, 0, 0, segment.DataEnd, segment.DirectoryBytes),
            new(PartKind.Footer, 0, 0, segment.FileBytes - SegmentFormat.FooterBytes, SegmentFormat.FooterBytes),
        };
        foreach (var column in segment.Columns)
        {
            var pages = segment.Pages(column.Index);
            for (var p = 0; p < pages.Length; p++)
            {
                if (pages[p].Bytes > 0) parts.Add(new SegmentPart(PartKind.Page, column.Index, p, pages[p].Offset, pages[p].Bytes));
            }
        }
        for (var d = 0; d < segment.DictionaryCount; d++)
        {
            var blocks = Blocks(segment, d);
            for (var b = 0; b < blocks.Count; b++) parts.Add(new SegmentPart(PartKind.DictionaryBlock, d, b, blocks[b].Offset, blocks[b].Bytes));
        }
        foreach (var section in segment.Sections)
        {
            if (section.Length > 0) parts.Add(new SegmentPart(PartKind.Section, (int)section.Kind, 0, section.Offset, section.Length));
        }
        parts.Sort(static (a, b) => a.Offset.CompareTo(b.Offset));
        return parts;
    }

    /// <summary>A column by the name people know it by: the field's, or scope and attribute key.</summary>
    public static string Name(in ColumnKey key)
    {
        if (key.Field == SegmentColumns.OverflowAttribute) return $"{ScopeWord(key)}[other keys]";
        if (key.Field == SegmentColumns.Attribute) return ScopeWord(key) + key.Name;
        var (space, names) = key.Space switch
        {
            RowSpace.Spans => ("span", SpanFields),
            RowSpace.Events => ("event", EventFields),
            RowSpace.Links => ("link", LinkFields),
            _ => ("trace", TraceFields),
        };
        return $"{space}:{(key.Field < names.Length ? names[key.Field] : $"field {key.Field}")}";
    }

    /// <summary>Attributes of spans stand for themselves; others say whose they are, as TraceQL does.</summary>
    private static string ScopeWord(in ColumnKey key) => key.Space switch
    {
        RowSpace.Events => "event.",
        RowSpace.Links => "link.",
        _ => "span.",
    };

    private static readonly string[] SpanFields =
    [
        "", "id", "parentLink", "parentId", "start", "duration", "name", "kind", "status", "statusMessage", "traceState", "flags", "droppedAttributes",
        "droppedEvents", "droppedLinks", "context", "shape", "events", "links", "marks",
    ];

    private static readonly string[] EventFields = ["", "timeSinceStart", "name", "droppedAttributes", "shape"];

    private static readonly string[] LinkFields = ["", "traceIdHigh", "traceIdLow", "spanId", "traceState", "flags", "droppedAttributes", "shape"];

    private static readonly string[] TraceFields =
        ["", "idHigh", "idLow", "firstRow", "start", "end", "firstReceived", "rootName", "rootContext", "errors", "duplicates", "flags"];
}
