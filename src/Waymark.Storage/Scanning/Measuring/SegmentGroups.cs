// Which group each row of a segment belongs to, as a number; and what those numbers are called.
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Groups of one segment, numbered from 0 to <see cref="Fixed"/> − 1; further ones are numbered by each worker as it meets them (<see cref="MetGroups"/>). Immutable; any number of workers.</summary>
internal abstract class SegmentGroups
{
    /// <summary>Groups that are known without reading rows.</summary>
    public abstract int Fixed { get; }

    /// <summary>Rows may belong to groups that are not known before they are read.</summary>
    public virtual bool HasMore => false;

    /// <summary>The text of a fixed group. Two groups may have one text.</summary>
    public abstract string? TextOf(int group);

    /// <summary>The group of every row of a page where it is at hand as a byte; empty where it is not.</summary>
    public virtual ReadOnlySpan<byte> Bytes(MeasurePages pages, int page) => default;

    /// <summary>The codes of every row of a page where the group follows from a code (<see cref="GroupOfCode"/>), which spares writing the groups down; empty where it does not.</summary>
    public virtual ReadOnlySpan<int> Codes(MeasurePages pages, int page) => default;

    /// <summary>The group per code; null where codes are groups.</summary>
    public virtual int[]? GroupOfCode => null;

    /// <summary>The group of every row of a page.</summary>
    public abstract void Read(MeasurePages pages, int page, MetGroups met, Span<int> groups);

    /// <summary>Null when all spans are one group.</summary>
    public static SegmentGroups? Of(OpenSegment segment, MeasureGroup? by)
    {
        if (by is null) return null;
        return by.Field switch
        {
            MeasureField.Service => new ServiceGroups(segment),
            MeasureField.Name => new NameGroups(segment),
            MeasureField.Kind => new ByteGroups(segment.Columns.Span(SegmentColumns.Span.Kind), static code => GroupText.Of((SpanKind)code)),
            MeasureField.Status => new ByteGroups(segment.Columns.Span(SegmentColumns.Span.Status), static code => GroupText.Of((StatusCode)code)),
            _ => new AttributeGroups(segment, by),
        };
    }
}

/// <summary>By service.</summary>
internal sealed class ServiceGroups(OpenSegment segment) : SegmentGroups
{
    private readonly int[] ofContext = segment.Services.OfContext;

    public override int Fixed => segment.Services.Names.Count;

    public override string? TextOf(int group) => segment.Services.Names[group];

    public override int[]? GroupOfCode => ofContext;

    public override ReadOnlySpan<byte> Bytes(MeasurePages pages, int page) => segment.Services.Find(pages.Cursor, page);

    public override ReadOnlySpan<int> Codes(MeasurePages pages, int page) => pages.Codes(pages.SpanColumn(SegmentColumns.Span.Context), page, ofContext.Length);

    public override void Read(MeasurePages pages, int page, MetGroups met, Span<int> groups)
    {
        var contexts = Codes(pages, page);
        for (var r = 0; r < contexts.Length; r++) groups[r] = ofContext[contexts[r]];
    }
}

/// <summary>By an attribute of the resource.</summary>
internal sealed class ContextGroups : SegmentGroups
{
    private readonly int[] groupOfContext;
    private readonly List<string?> texts = [];

    public ContextGroups(OpenSegment segment, MeasureGroup by)
    {
        var groupOfResource = new int[segment.Resources.Length];
        for (var r = 0; r < groupOfResource.Length; r++)
        {
            var text = GroupText.OfResource(segment.Resources[r], by);
            groupOfResource[r] = texts.IndexOf(text);
            if (groupOfResource[r] >= 0) continue;
            groupOfResource[r] = texts.Count;
            texts.Add(text);
        }
        groupOfContext = [.. segment.Contexts.Select(c => groupOfResource[c.Resource])];
    }

    public override int Fixed => texts.Count;

    public override string? TextOf(int group) => texts[group];

    public override int[]? GroupOfCode => groupOfContext;

    public override ReadOnlySpan<int> Codes(MeasurePages pages, int page) => pages.Codes(pages.SpanColumn(SegmentColumns.Span.Context), page, groupOfContext.Length);

    public override void Read(MeasurePages pages, int page, MetGroups met, Span<int> groups)
    {
        var contexts = Codes(pages, page);
        if (texts.Count == 1) groups[..contexts.Length].Clear();
        else for (var r = 0; r < contexts.Length; r++) groups[r] = groupOfContext[contexts[r]];
    }
}

/// <summary>By the span's name.</summary>
internal sealed class NameGroups : SegmentGroups
{
    private readonly int column;
    private readonly SegmentDictionary names;

    public NameGroups(OpenSegment segment)
    {
        column = segment.Columns.Span(SegmentColumns.Span.Name);
        names = segment.Reader.Dictionary(segment.Reader.Columns[column].Dictionary);
    }

    public override int Fixed => names.Count;

    public override string? TextOf(int group) => Encoding.UTF8.GetString(names[group]);

    public override ReadOnlySpan<byte> Bytes(MeasurePages pages, int page) => pages.Segment.Codes.Find(pages.Cursor, column, page, names.Count);

    public override ReadOnlySpan<int> Codes(MeasurePages pages, int page) => pages.Codes(column, page, names.Count);

    public override void Read(MeasurePages pages, int page, MetGroups met, Span<int> groups) => Codes(pages, page).CopyTo(groups);
}

/// <summary>By a number of one byte.</summary>
internal sealed class ByteGroups(int column, Func<int, string> text) : SegmentGroups
{
    public override int Fixed => byte.MaxValue + 1;

    public override string? TextOf(int group) => text(group);

    public override ReadOnlySpan<int> Codes(MeasurePages pages, int page) => pages.Codes(column, page, Fixed);

    public override void Read(MeasurePages pages, int page, MetGroups met, Span<int> groups) => Codes(pages, page).CopyTo(groups);
}

/// <summary>Groups that one worker has met in one segment and that were not known before. Not thread-safe.</summary>
internal sealed class MetGroups(int first)
{
    private readonly Dictionary<(int Column, long Number), int> byNumber = [];
    private readonly Dictionary<string, int> byText = new(StringComparer.Ordinal);
    private readonly List<string?> texts = [];

    /// <summary>Of a group or a number in its tables, texts apart.</summary>
    private const int EntryBytes = 48;

    public int Count => texts.Count;

    /// <summary>Bytes of memory that the groups take.</summary>
    public long Bytes { get; private set; }

    public string? TextOf(int group) => texts[group - first];

    /// <summary>The group of a number in a column.</summary>
    public int Of(ColumnInfo column, long number)
    {
        if (byNumber.TryGetValue((column.Index, number), out var group)) return group;
        Bytes += EntryBytes;
        return byNumber[(column.Index, number)] = Of(AttributeText.Of(column.Key.Type, number, default)!);
    }

    public int Of(ReadOnlySpan<byte> text)
    {
        var lookup = byText.GetAlternateLookup<ReadOnlySpan<char>>();
        if (text.Length > 256) return Of(Encoding.UTF8.GetString(text));
        Span<char> characters = stackalloc char[256];
        characters = characters[..Encoding.UTF8.GetChars(text, characters)];
        return lookup.TryGetValue(characters, out var group) ? group : Of(characters.ToString());
    }

    public int Of(string text)
    {
        if (byText.TryGetValue(text, out var group)) return group;
        texts.Add(text);
        Bytes += (2 * EntryBytes) + (text.Length * sizeof(char));
        return byText[text] = first + texts.Count - 1;
    }
}
