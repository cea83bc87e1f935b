// A scan's conditions made ready for one source: texts looked up once per dictionary, resources judged once each.
using System.Collections.Concurrent;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Columns;
using Waymark.Storage.Head;
using Waymark.Storage.Scanning.Measuring;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>What of a scan does not depend on the source.</summary>
internal sealed class ConditionSet
{
    /// <summary>One bit each, and fewer than a word has, so that all of them are 2ⁿ − 1.</summary>
    private const int MaxConditions = 31;

    public ConditionSet(SpanScan scan)
    {
        Range = scan.Range;
        // No condition: every span matches, which is one condition without predicates. More than there are bits for: the same, and the caller, who evaluates every condition anyway, does the work.
        Conditions = scan.Conditions.IsEmpty || scan.Conditions.Length > MaxConditions ? [[]] : [.. scan.Conditions.Select(c => c.All.Select(p => new PreparedPredicate(p)).ToArray())];
    }

    public TimeRange Range { get; }
    public PreparedPredicate[][] Conditions { get; }

    /// <summary>All conditions' bits.</summary>
    public uint All => (1u << Conditions.Length) - 1;

    /// <summary>True when what is in memory shows that no trace of a segment matches.</summary>
    /// <param name="hasSplit">Traces may have pieces elsewhere: one condition is enough to match here.</param>
    public bool IsRuledOut(OpenSegment segment, bool hasSplit)
    {
        foreach (var condition in Conditions)
        {
            var isRuledOut = Array.Exists(condition, p => p.IsRuledOut(segment));
            if (isRuledOut != hasSplit) return isRuledOut;
        }
        return hasSplit;
    }
}

/// <summary>A predicate with its operand in comparable form.</summary>
internal sealed class PreparedPredicate(SpanPredicate predicate)
{
    /// <summary>In the place of a column: the contexts.</summary>
    private const int Contexts = -1;

    /// <summary>A text is looked for in a dictionary once, however many threads ask.</summary>
    private readonly ConcurrentDictionary<(OpenSegment Segment, int Column), Lazy<NumberTest>> dictionaries = [];

    /// <summary>By column of texts without a dictionary the pages that may hold the predicate's.</summary>
    private readonly ConcurrentDictionary<(OpenSegment Segment, int Column), Lazy<ulong[]?>> pages = [];

    /// <summary>Of the text, worked out once.</summary>
    private readonly Lazy<ulong> hash = new(() => TextFilter.HashOf(System.Text.Encoding.UTF8.GetBytes(predicate.Text)));

    public SpanPredicate Predicate { get; } = predicate;
    public AttributeText Text { get; } = new(predicate.Text);
    public byte[] Key { get; } = System.Text.Encoding.UTF8.GetBytes(predicate.Key);
    public bool IsContains => Predicate.Operator == PredicateOperator.Contains;

    /// <summary>True for texts, of a name or an attribute, that satisfy the predicate.</summary>
    public bool MatchesText(ReadOnlySpan<byte> text) => IsContains ? text.IndexOf(Text.Utf8) >= 0 : text.SequenceEqual(Text.Utf8);

    /// <summary>The codes of a column's dictionary whose text satisfies the predicate.</summary>
    public NumberTest MatchDictionary(OpenSegment segment, int column) =>
        dictionaries.GetOrAdd((segment, column), at => new Lazy<NumberTest>(() => DictionarySearch.Find(at.Segment.Reader, at.Column, this))).Value;

    /// <summary>The pages of a column of texts that may have the predicate's text, a bit each; null: any may.</summary>
    public ulong[]? MatchPages(OpenSegment segment, int column) => IsContains ? null : pages.GetOrAdd((segment, column), at => new Lazy<ulong[]?>(() => FindPages(at.Segment, at.Column))).Value;

    /// <summary>True when what is in memory shows that no row of a segment satisfies the predicate, which for a text that few traces have is so of nearly all segments. False may mean that one would have to read.</summary>
    public bool IsRuledOut(OpenSegment segment)
    {
        if (Predicate.Field != SpanField.Attribute || IsContains || !MatchContexts(segment).IsImpossible) return false;
        foreach (var column in segment.SpanColumnsOf(Predicate.Key))
        {
            if (column.Key.Field == SegmentColumns.OverflowAttribute) return false;
            if (column.Key.Type == AttributeType.Text)
            {
                if (column.Dictionary >= 0 || !segment.Pages.HasFilter(column.Index) || MatchPages(segment, column.Index) is not { } found || found.AsSpan().ContainsAnyExcept(0UL)) return false;
            }
            else if (column.Dictionary < 0 && NumberTest.Of(Text, column.Key.Type).Length > 0)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The contexts of a segment whose resource satisfies the predicate by itself.</summary>
    public NumberTest MatchContexts(OpenSegment segment) => dictionaries.GetOrAdd((segment, Contexts), at => new Lazy<NumberTest>(() => FindContexts(at.Segment))).Value;

    /// <summary>True for values of an attribute that satisfy it.</summary>
    public bool MatchesValue(AttributeType type, long number, ReadOnlySpan<byte> content) =>
        IsContains ? type == AttributeType.Text && MatchesText(content) : Text.Matches(type, number, content);

    /// <summary>True for resources that satisfy the predicate by themselves: its service, or one of its attributes.</summary>
    public bool MatchesResource(ReadOnlySpan<byte> blob)
    {
        var isService = Predicate.Field == SpanField.Service;
        var key = isService ? "service.name"u8 : Key;
        var reader = new ElementBlob.Reader(blob);
        reader.Number();
        reader.Text();
        reader.Number();
        var matched = false;
        var hasService = false;
        for (var count = reader.Number(); count > 0; count--)
        {
            reader.Attribute(out var name, out var type, out var number, out var content);
            if (!name.SequenceEqual(key)) continue;
            if (isService)
            {
                // As everywhere, the first text counts as the service's name.
                if (hasService || type != AttributeType.Text) continue;
                hasService = true;
                matched = content.SequenceEqual(Text.Utf8);
            }
            else
            {
                matched |= MatchesValue(type, number, content);
            }
        }
        return matched || (isService && !hasService && Text.Utf8.IsEmpty);
    }

    private ulong[]? FindPages(OpenSegment segment, int column)
    {
        if (segment.Pages.FilterOf(column) is not { } filter) return null;
        var found = new ulong[(segment.ColumnInfos[column].PageCount + 63) / 64];
        filter.Find(hash.Value, found);
        // Filters know nothing of pages without values, of which the columns of keys that few spans have consist.
        foreach (var page in RowBits.Enumerate(found))
        {
            if (segment.Reader.Page(column, page).Count == 0) found[page / 64] &= ~(1UL << (page % 64));
        }
        return found;
    }

    private NumberTest FindContexts(OpenSegment segment)
    {
        if (Predicate.Field == SpanField.Service) return segment.ResourceTable.ContextsOf(Text.Utf8);
        if (!segment.ResourceTable.HasKey(Key)) return NumberTest.None;
        var resources = Array.ConvertAll(segment.Resources, r => MatchesResource(r));
        return NumberTest.In(Array.ConvertAll(segment.Contexts, c => resources[c.Resource]));
    }

    public bool MatchesOverflow(ReadOnlySpan<byte> value)
    {
        OverflowValue.Read(value, out var type, out var key, out var number, out var content);
        return key.SequenceEqual(Key) && MatchesValue(type, number, content);
    }

    /// <summary>The same for all overflow attributes of an element, each behind its length.</summary>
    public bool MatchesAnyOverflow(ReadOnlySpan<byte> values)
    {
        while (!values.IsEmpty)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(values);
            if (MatchesOverflow(values.Slice(4, length))) return true;
            values = values[(4 + length)..];
        }
        return false;
    }

    public bool MatchesDuration(long start, long end)
    {
        var duration = Math.Max(0, end - start);
        return Predicate.Operator == PredicateOperator.AtLeast ? duration >= Predicate.Number : duration <= Predicate.Number;
    }
}
