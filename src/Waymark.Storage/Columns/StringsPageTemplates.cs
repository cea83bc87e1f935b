// Templates of a page in encoding 10 and the variables of its values, read.
using System.Buffers;

namespace Waymark.Storage.Columns;

/// <summary>Templates with a cursor each over the variables of their values. Pooled: dispose.</summary>
internal sealed class StringsPageTemplates : IDisposable
{
    /// <summary>A stream of variables is the numbers, or the first one and the differences of neighbours.</summary>
    internal const byte Plain = 0;
    internal const byte Differences = 1;

    private readonly byte[] texts;
    private readonly Entry[] entries;
    private long[] words = [];

    private StringsPageTemplates(byte[] texts, Entry[] entries)
    {
        this.texts = texts;
        this.entries = entries;
    }

    /// <summary>
    /// Reads everything that the values named by <paramref name="wanted"/> (all, if empty) need. <paramref name="ofValue"/> says the template of each value, counted from 1, 0 being none.
    /// </summary>
    public static bool TryRead(in StringsPageParts parts, ReadOnlySpan<int> ofValue, ReadOnlySpan<ulong> wanted, out StringsPageTemplates? templates)
    {
        if (!TryReadTexts(parts, out templates)) return false;
        if (templates!.TryReadVariables(parts.Variables, ofValue, wanted)) return true;
        templates.Dispose();
        templates = null;
        return false;
    }

    /// <summary>Finds a template without reading variables: its position, −1 if it is not among them.</summary>
    public static bool TryFind(in StringsPageParts parts, ReadOnlySpan<byte> text, out int template, out int wordCount)
    {
        (template, wordCount) = (-1, 0);
        if (!TryReadTexts(parts, out var templates)) return false;
        for (var i = 0; i < templates!.entries.Length && template < 0; i++)
        {
            var entry = templates.entries[i];
            if (templates.texts.AsSpan(entry.Start, entry.Length).SequenceEqual(text)) (template, wordCount) = (i, entry.Words);
        }
        templates.Dispose();
        return true;
    }

    /// <summary>Says of each template whether a run of plain bytes stands in it, without reading variables.</summary>
    public static bool TryFindContaining(in StringsPageParts parts, ReadOnlySpan<byte> plain, Span<bool> found)
    {
        if (!StringsPageParts.TryReadText(parts.TemplateTexts, out var heap, out var length)) return false;
        ReadOnlySpan<byte> from = heap.AsSpan(0, length);
        var isRead = true;
        if (plain.IsEmpty) found.Fill(true);
        else if (from.IndexOf(plain) < 0) from = default;
        for (var i = 0; isRead && i < found.Length && !from.IsEmpty && !plain.IsEmpty; i++)
        {
            isRead = StringsPageParts.TryReadPart(ref from, out var text);
            found[i] = isRead && text.IndexOf(plain) >= 0;
        }
        ArrayPool<byte>.Shared.Return(heap);
        return isRead;
    }

    /// <summary>The streams of one template, in a buffer of the values' order: word w of value u at w · uses + u.</summary>
    public static bool TryReadStreams(ReadOnlySpan<byte> streams, int uses, int wordCount, Span<long> words)
    {
        for (var w = 0; w < wordCount; w++)
        {
            if (!TryReadStream(ref streams, words.Slice(w * uses, uses))) return false;
        }
        return streams.IsEmpty;
    }

    /// <summary>One stream of variables.</summary>
    public static bool TryReadStream(ref ReadOnlySpan<byte> from, Span<long> numbers)
    {
        if (from.IsEmpty) return false;
        var form = from[0];
        from = from[1..];
        if (form == Plain) return NumberStream.TryRead(ref from, numbers);
        if (form != Differences || numbers.Length < 2 || !NumberStream.TryReadVarint(ref from, out var first) || !NumberStream.TryRead(ref from, numbers[1..])) return false;
        numbers[0] = (long)first;
        for (var i = 1; i < numbers.Length; i++) numbers[i] = unchecked(numbers[i] + numbers[i - 1]);
        return true;
    }

    /// <summary>Bytes that the values can have at most.</summary>
    public long MaxBytes
    {
        get
        {
            long bytes = 0;
            foreach (ref readonly var entry in entries.AsSpan()) bytes += (long)entry.Uses * entry.LongestText;
            return bytes;
        }
    }

    /// <summary>Puts the template's next value together; one that is not wanted is passed over.</summary>
    public bool TryJoinNext(int template, bool isWanted, Span<byte> into, out int written)
    {
        ref var entry = ref entries[template];
        var use = entry.Next++;
        written = 0;
        if (!isWanted) return true;
        Span<long> values = stackalloc long[Templates.MaxWords];
        for (var w = 0; w < entry.Words; w++) values[w] = words[entry.FirstWord + (w * entry.Uses) + use];
        return Templates.TryJoin(texts.AsSpan(entry.Start, entry.Length), values[..entry.Words], into, out written);
    }

    /// <summary>The hash of the template's next value (<see cref="TextFilter.HashOf"/>), without putting it together.</summary>
    public ulong HashNext(int template)
    {
        ref var entry = ref entries[template];
        var use = entry.Next++;
        // Of its values the first one is asked for first.
        if (use == 0) entry.Hash = TextFilter.OfTemplate(texts.AsSpan(entry.Start, entry.Length));
        var hash = entry.Hash;
        for (var w = 0; w < entry.Words; w++) hash = TextFilter.With(hash, words[entry.FirstWord + (w * entry.Uses) + use]);
        return hash;
    }

    public void Dispose()
    {
        if (texts.Length > 0) ArrayPool<byte>.Shared.Return(texts);
        if (words.Length > 0) ArrayPool<long>.Shared.Return(words);
        words = [];
    }

    private static bool TryReadTexts(in StringsPageParts parts, out StringsPageTemplates? templates)
    {
        templates = null;
        if (!StringsPageParts.TryReadText(parts.TemplateTexts, out var heap, out var length)) return false;
        var read = new Entry[parts.Templates];
        ReadOnlySpan<byte> from = heap.AsSpan(0, length);
        for (var i = 0; i < read.Length; i++)
        {
            if (!StringsPageParts.TryReadPart(ref from, out var text) || !Templates.TryMeasure(text, out var count, out var longest))
            {
                ArrayPool<byte>.Shared.Return(heap);
                return false;
            }
            read[i] = new Entry { Start = length - from.Length - text.Length, Length = text.Length, Words = count, LongestText = longest };
        }
        if (!from.IsEmpty)
        {
            ArrayPool<byte>.Shared.Return(heap);
            return false;
        }
        templates = new StringsPageTemplates(heap, read);
        return true;
    }

    private bool TryReadVariables(ReadOnlySpan<byte> from, ReadOnlySpan<int> ofValue, ReadOnlySpan<ulong> wanted)
    {
        for (var i = 0; i < ofValue.Length; i++)
        {
            if (ofValue[i] == 0) continue;
            ref var entry = ref entries[ofValue[i] - 1];
            entry.Uses++;
            entry.IsWanted |= wanted.IsEmpty || (wanted[i >> 6] >> i & 1) != 0;
        }
        // No more words than values times the limit of words: that is what bounds this.
        var total = 0;
        foreach (ref var entry in entries.AsSpan())
        {
            entry.FirstWord = total;
            if (entry.IsWanted) total += entry.Uses * entry.Words;
        }
        words = ArrayPool<long>.Shared.Rent(total);
        foreach (ref readonly var entry in entries.AsSpan())
        {
            if (entry.Uses == 0 || !StringsPageParts.TryReadPart(ref from, out var streams)) return false;
            if (entry.IsWanted && !TryReadStreams(streams, entry.Uses, entry.Words, words.AsSpan(entry.FirstWord, entry.Uses * entry.Words))) return false;
        }
        return from.IsEmpty;
    }

    private struct Entry
    {
        public int Start;
        public int Length;
        public int Words;
        public int LongestText;
        public int Uses;
        public int Next;
        public int FirstWord;
        public bool IsWanted;
        public ulong Hash;
    }
}

/// <summary>The texts of a page that are no template's, in order. Pooled: dispose.</summary>
internal struct StringsPageRest : IDisposable
{
    private byte[]? texts;
    private long[]? lengths;
    private int next;
    private int at;

    /// <summary>Of all texts.</summary>
    public int Bytes { get; private set; }

    public static bool TryRead(in StringsPageParts parts, out StringsPageRest rest)
    {
        rest = default;
        if (!StringsPageParts.TryReadText(parts.RestTexts, out var heap, out var total)) return false;
        var rented = ArrayPool<long>.Shared.Rent(parts.Rest);
        rest = new StringsPageRest { texts = heap, lengths = rented };
        var from = parts.RestLengths;
        var read = rented.AsSpan(0, parts.Rest);
        if (NumberStream.TryRead(ref from, read) && from.IsEmpty)
        {
            long left = total;
            foreach (var length in read)
            {
                if ((ulong)length > (ulong)left)
                {
                    left = -1;
                    break;
                }
                left -= length;
            }
            rest.Bytes = total;
            if (left == 0) return true;
        }
        rest.Dispose();
        rest = default;
        return false;
    }

    /// <summary>Whether any text has this length, without reading the texts. False: the lengths can't be read.</summary>
    public static bool TryHasLength(in StringsPageParts parts, int length, out bool has)
    {
        var rented = ArrayPool<long>.Shared.Rent(parts.Rest);
        var from = parts.RestLengths;
        var read = rented.AsSpan(0, parts.Rest);
        var isRead = NumberStream.TryRead(ref from, read);
        has = isRead && read.Contains(length);
        ArrayPool<long>.Shared.Return(rented);
        return isRead;
    }

    /// <summary>The next text; the caller asks no more often than there are texts.</summary>
    public ReadOnlySpan<byte> Next()
    {
        var length = (int)lengths![next++];
        at += length;
        return texts.AsSpan(at - length, length);
    }

    public void Dispose()
    {
        if (texts is { Length: > 0 }) ArrayPool<byte>.Shared.Return(texts);
        if (lengths is not null) ArrayPool<long>.Shared.Return(lengths);
        texts = null;
        lengths = null;
    }
}
