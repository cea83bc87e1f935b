// Encoding 10, writing side: finds repeats, splits what is new, and lays the parts out. Layout: docs/formats/segment.md.
using System.Numerics;
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>Where a page's texts are found by their codes. Equal codes are equal texts.</summary>
internal interface IPageTexts
{
    ReadOnlySpan<byte> this[int code] { get; }

    /// <summary>Different codes are different texts.</summary>
    bool AreDistinct { get; }

    /// <summary>Asks for the memory of a text that is about to be read; for the caller to check: SSE.</summary>
    void Prefetch(int code);
}

/// <summary>Texts in one heap: code i is <c>heap[ends[i-1]..ends[i]]</c>, the first beginning at <paramref name="from"/>.</summary>
internal readonly ref struct HeapTexts(ReadOnlySpan<byte> heap, ReadOnlySpan<int> ends, int from) : IPageTexts
{
    private readonly ReadOnlySpan<byte> heap = heap;
    private readonly ReadOnlySpan<int> ends = ends;

    public ReadOnlySpan<byte> this[int code] => heap[(code == 0 ? from : ends[code - 1])..ends[code]];

    public bool AreDistinct => false;

    /// <summary>They lie in the order in which they are read.</summary>
    public void Prefetch(int code)
    {
    }
}

/// <summary>What a column's earlier pages have shown: one per column.</summary>
internal sealed class StringsPageChoices
{
    public CodecChoice Templates { get; } = new();

    public CodecChoice Rest { get; } = new();
}

/// <summary>What a page came to. Shortest and longest value, bytes of the page, and of its values in encoding 4.</summary>
internal readonly record struct StringsPagePlan(int Shortest, int Longest, int Bytes, long RawBytes);

/// <summary>
/// Encodes one page after the other with the same scratch memory; nothing is allocated once it is warm (a page that tries zlib excepted). Not thread-safe; columns may share one, each with its own
/// <see cref="StringsPageChoices"/>.
/// </summary>
internal sealed class StringsPageEncoder : IDisposable
{
    /// <summary>A template with fewer values costs more (its text, a head of 7 bytes per stream) than a codec makes of the whole texts.</summary>
    private const int MinUses = 4;

    private readonly StringsPageDistinct distinct = new();
    private readonly PooledBuffer part = new(16 * 1024);
    private readonly PooledBuffer streams = new(16 * 1024);
    private readonly PooledBuffer templates = new(16 * 1024);
    private long[] numbers = [];
    private int[] order = [];
    private int[] starts = [];
    private int[] ranks = [];

    /// <summary>Bytes the page would take: encodes it and forgets it, so the cost is that of a page.</summary>
    public long EstimateBytes<T>(ReadOnlySpan<int> codes, T texts, StringsPageChoices choices)
        where T : IPageTexts, allows ref struct
    {
        using var into = new PooledBuffer(64 * 1024);
        return TryEncode(codes, texts, choices, into, out var plan) ? plan.Bytes : long.MaxValue;
    }

    /// <summary>Appends a page of at least one value. False: its values are more than <see cref="StringsPage.MaxPlainBytes"/> and nothing was appended.</summary>
    public bool TryEncode<T>(ReadOnlySpan<int> codes, T texts, StringsPageChoices choices, PooledBuffer into, out StringsPagePlan plan)
        where T : IPageTexts, allows ref struct
    {
        plan = default;
        distinct.Find(codes, texts);
        return distinct.PlainBytes <= StringsPage.MaxPlainBytes && Write(texts, choices, into, out plan);
    }

    /// <summary>The same for values <c>heap[from..ends[0]], heap[ends[0]..ends[1]], …</c>; <paramref name="areDistinct"/>: nothing repeats, so nobody looks.</summary>
    public bool TryEncode(ReadOnlySpan<byte> heap, ReadOnlySpan<int> ends, int from, bool areDistinct, StringsPageChoices choices, PooledBuffer into, out StringsPagePlan plan)
    {
        plan = default;
        var texts = new HeapTexts(heap, ends, from);
        if (areDistinct) distinct.TakeAll(ends.Length, texts);
        else distinct.FindUncoded(ends.Length, texts);
        return distinct.PlainBytes <= StringsPage.MaxPlainBytes && Write(texts, choices, into, out plan);
    }

    public void Dispose()
    {
        distinct.Dispose();
        part.Dispose();
        streams.Dispose();
        templates.Dispose();
    }

    private bool Write<T>(T texts, StringsPageChoices choices, PooledBuffer into, out StringsPagePlan plan)
        where T : IPageTexts, allows ref struct
    {
        var start = into.Length;
        var values = distinct.Values;
        var used = Rank(values);
        var rest = starts[1];
        NumberStream.WriteVarint(into, (ulong)distinct.DistinctBytes);
        NumberStream.WriteVarint(into, (ulong)distinct.Runs.Length);
        NumberStream.WriteVarint(into, (ulong)values.Length);
        NumberStream.WriteVarint(into, (ulong)used);
        NumberStream.WriteVarint(into, (ulong)rest);
        WriteRows(into);
        Room(ref numbers, values.Length);
        if (used > 1 || (used == 1 && rest > 0))
        {
            for (var i = 0; i < values.Length; i++) numbers[i] = ranks[values[i].Template];
            WriteStream(numbers.AsSpan(0, values.Length), into);
        }
        if (used > 0) WriteTemplates(used, choices.Templates, into);
        if (rest > 0) WriteRest(texts, rest, choices.Rest, into);
        plan = new StringsPagePlan(distinct.Shortest, distinct.Longest, into.Length - start, distinct.PlainBytes + (4L * distinct.Count));
        return true;
    }

    /// <summary>
    /// Numbers the templates worth keeping from 1 in order of appearance, the others 0 (<see cref="ranks"/>), and lists the values by that number (<see cref="order"/>, group k from
    /// <c>starts[k]</c> to <c>starts[k + 1]</c>). Returns how many are kept.
    /// </summary>
    private int Rank(ReadOnlySpan<StringsPageDistinct.Value> values)
    {
        var uses = distinct.TemplateUses;
        Room(ref ranks, uses.Length);
        Room(ref starts, uses.Length + 3);
        Room(ref order, values.Length);
        var used = 0;
        starts.AsSpan(0, uses.Length + 3).Clear();
        for (var t = 0; t < uses.Length; t++)
        {
            // A template without variables is one text.
            ranks[t] = uses[t] >= MinUses && distinct.TemplateWords(t) > 0 ? ++used : 0;
            starts[ranks[t] + 2] += uses[t];
        }
        for (var k = 2; k < used + 3; k++) starts[k] += starts[k - 1];
        for (var i = 0; i < values.Length; i++) order[starts[ranks[values[i].Template] + 1]++] = i;
        return used;
    }

    private void WriteRows(PooledBuffer into)
    {
        var runs = distinct.Runs;
        Room(ref numbers, runs.Length);
        if (runs.Length < distinct.Count)
        {
            for (var i = 0; i < runs.Length; i++) numbers[i] = runs[i].Length - 1;
            WriteStream(numbers.AsSpan(0, runs.Length), into);
        }
        if (distinct.Values.Length == runs.Length) return;
        var seen = 0;
        for (var i = 0; i < runs.Length; i++)
        {
            var isNew = runs[i].Value == seen;
            numbers[i] = isNew ? 0 : seen - runs[i].Value;
            if (isNew) seen++;
        }
        WriteStream(numbers.AsSpan(0, runs.Length), into);
    }

    private void WriteTemplates(int used, CodecChoice choice, PooledBuffer into)
    {
        templates.Clear();
        for (var t = 0; t < distinct.TemplateUses.Length; t++)
        {
            if (ranks[t] > 0) WritePart(distinct.Template(t), templates);
        }
        WriteText(templates.WrittenSpan, choice, into);

        var values = distinct.Values;
        var words = distinct.Words;
        templates.Clear();
        for (var rank = 1; rank <= used; rank++)
        {
            var group = order.AsSpan(starts[rank], starts[rank + 1] - starts[rank]);
            streams.Clear();
            var wordCount = distinct.TemplateWords(values[group[0]].Template);
            for (var w = 0; w < wordCount; w++)
            {
                for (var u = 0; u < group.Length; u++) numbers[u] = words[values[group[u]].FirstWord + w];
                WriteVariables(numbers.AsSpan(0, group.Length), streams);
            }
            WritePart(streams.WrittenSpan, templates);
        }
        WritePart(templates.WrittenSpan, into);
    }

    /// <summary>As they are, or the first and the differences, whichever is smaller. Uses up <paramref name="words"/>.</summary>
    private void WriteVariables(Span<long> words, PooledBuffer into)
    {
        var start = into.Length;
        into.Write([StringsPageTemplates.Plain]);
        NumberStream.Write(words, into);
        if (!MayRise(words)) return;
        part.Clear();
        part.Write([StringsPageTemplates.Differences]);
        NumberStream.WriteVarint(part, (ulong)words[0]);
        for (var i = words.Length - 1; i > 0; i--) words[i] = unchecked(words[i] - words[i - 1]);
        NumberStream.Write(words[1..], part);
        if (part.Length >= into.Length - start) return;
        into.Truncate(start);
        into.Write(part.WrittenSpan);
    }

    /// <summary>Whether nine of ten differences of neighbours need at least two bits less than the words: in random order they need one more, so this spares most streams a second try.</summary>
    private static bool MayRise(ReadOnlySpan<long> words)
    {
        if (words.Length < 16) return false;
        long min = words[0], max = words[0];
        Span<int> widths = stackalloc int[65];
        widths.Clear();
        for (var i = 1; i < words.Length; i++)
        {
            min = Math.Min(min, words[i]);
            max = Math.Max(max, words[i]);
            var difference = unchecked(words[i] - words[i - 1]);
            widths[64 - BitOperations.LeadingZeroCount((ulong)(difference ^ (difference >> 63)))]++;
        }
        var width = NumberPage.Width(min, max) - 2;
        var narrow = 0;
        for (var w = 0; w <= width; w++) narrow += widths[w];
        return narrow * 10L >= words.Length * 9L;
    }

    private void WriteRest<T>(T texts, int rest, CodecChoice choice, PooledBuffer into)
        where T : IPageTexts, allows ref struct
    {
        var values = distinct.Values;
        templates.Clear();
        for (var i = 0; i < rest; i++)
        {
            var text = texts[values[order[i]].Code];
            numbers[i] = text.Length;
            templates.Write(text);
        }
        WriteStream(numbers.AsSpan(0, rest), into);
        WriteText(templates.WrittenSpan, choice, into);
    }

    private void WriteStream(ReadOnlySpan<long> stream, PooledBuffer into)
    {
        part.Clear();
        NumberStream.Write(stream, part);
        WritePart(part.WrittenSpan, into);
    }

    private void WriteText(ReadOnlySpan<byte> text, CodecChoice choice, PooledBuffer into)
    {
        part.Clear();
        part.Write([0]);
        var codec = PageCodecs.Compress(text, part, choice);
        part.Written[0] = (byte)codec;
        if (codec == PageCodec.None) part.Write(text);
        WritePart(part.WrittenSpan, into);
    }

    private static void WritePart(ReadOnlySpan<byte> bytes, PooledBuffer into)
    {
        NumberStream.WriteVarint(into, (ulong)bytes.Length);
        into.Write(bytes);
    }

    private static void Room<T>(ref T[] array, int count)
    {
        if (array.Length < count) array = new T[Math.Max(count, array.Length * 2)];
    }
}
