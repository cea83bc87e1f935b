// Searching a page in encoding 10 without putting its texts together.
using System.Buffers;

namespace Waymark.Storage.Columns;

/// <summary>Finds the rows whose text satisfies something; their bits are set in a bitmap of at least as many rows, the others left as they are. False: the page contradicts itself.</summary>
internal static class StringsPageSearch
{
    /// <summary>Rows whose value is <paramref name="text"/>: its variables are compared with those of its template, or its bytes with the rest.</summary>
    public static bool TryFindEqual(ReadOnlySpan<byte> stored, int count, ReadOnlySpan<byte> text, Span<ulong> bits)
    {
        if (!StringsPageParts.TryRead(stored, count, out var parts)) return false;
        var rented = ArrayPool<byte>.Shared.Rent(Templates.MaxTemplateBytes(text.Length));
        var codes = ArrayPool<int>.Shared.Rent(parts.Distinct);
        var matching = ArrayPool<ulong>.Shared.Rent(StringsPage.RowBitWords(parts.Distinct));
        try
        {
            var found = matching.AsSpan(0, StringsPage.RowBitWords(parts.Distinct));
            found.Clear();
            var ofValue = codes.AsSpan(0, parts.Distinct);
            if (!parts.TryReadCodes(ofValue)) return false;
            Span<long> words = stackalloc long[Templates.MaxWords];
            var length = Templates.Split(text, rented, words, out var wordCount);
            var template = -1;
            var expected = 0;
            if (parts.Templates > 0 && wordCount > 0 && !StringsPageTemplates.TryFind(parts, rented.AsSpan(0, length), out template, out expected)) return false;
            if (template >= 0)
            {
                if (expected != wordCount || !TryMatchWords(parts, ofValue, template, words[..wordCount], found)) return false;
            }
            else if (parts.Rest > 0 && !TryMatchRest(parts, ofValue, text, found))
            {
                return false;
            }
            return !found.ContainsAnyExcept(0UL) || parts.TrySetRows(found, bits);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
            ArrayPool<int>.Shared.Return(codes);
            ArrayPool<ulong>.Shared.Return(matching);
        }
    }

    /// <summary>Rows whose value has <paramref name="text"/> somewhere in it. Only the values of templates that can have it are put together, each distinct one once.</summary>
    public static bool TryFindContaining(ReadOnlySpan<byte> stored, int count, ReadOnlySpan<byte> text, Span<ulong> bits)
    {
        if (!StringsPageParts.TryRead(stored, count, out var parts)) return false;
        var codes = ArrayPool<int>.Shared.Rent(parts.Distinct);
        var matching = ArrayPool<ulong>.Shared.Rent(StringsPage.RowBitWords(parts.Distinct));
        ByteStrings distinct = default;
        try
        {
            var ofValue = codes.AsSpan(0, parts.Distinct);
            var found = matching.AsSpan(0, StringsPage.RowBitWords(parts.Distinct));
            if (!parts.TryReadCodes(ofValue) || !TryFindCandidates(parts, ofValue, text, found)) return false;
            if (!found.ContainsAnyExcept(0UL)) return true;
            if (!StringsPage.TryDecodeDistinct(parts, found, pooled: true, out distinct)) return false;
            foreach (var value in RowBits.Enumerate(found))
            {
                if (distinct[value].IndexOf(text) < 0) found[value >> 6] &= ~(1UL << value);
            }
            return !found.ContainsAnyExcept(0UL) || parts.TrySetRows(found, bits);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(codes);
            ArrayPool<ulong>.Shared.Return(matching);
            if (distinct.Heap is not null) ArrayPool<byte>.Shared.Return(distinct.Heap);
        }
    }

    /// <summary>The hash of each distinct value (<see cref="TextFilter.HashOf"/>), as many as <paramref name="hashes"/>, which has room for all values, then holds.</summary>
    public static bool TryHash(ReadOnlySpan<byte> stored, int count, Span<ulong> hashes, out int distinct)
    {
        distinct = 0;
        if (!StringsPageParts.TryRead(stored, count, out var parts)) return false;
        var codes = ArrayPool<int>.Shared.Rent(parts.Distinct);
        StringsPageTemplates? templates = null;
        StringsPageRest rest = default;
        try
        {
            var ofValue = codes.AsSpan(0, parts.Distinct);
            if (!parts.TryReadCodes(ofValue)) return false;
            if (parts.Templates > 0 && !StringsPageTemplates.TryRead(parts, ofValue, default, out templates)) return false;
            if (parts.Rest > 0 && !StringsPageRest.TryRead(parts, out rest)) return false;
            for (var i = 0; i < ofValue.Length; i++) hashes[i] = ofValue[i] == 0 ? TextFilter.HashOf(rest.Next()) : templates!.HashNext(ofValue[i] - 1);
            distinct = ofValue.Length;
            return true;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(codes);
            templates?.Dispose();
            rest.Dispose();
        }
    }

    /// <summary>The distinct values that may contain a text: those of templates that have the longest part of it that no variable can be, and the rest if it has the text.</summary>
    private static bool TryFindCandidates(in StringsPageParts parts, ReadOnlySpan<int> ofValue, ReadOnlySpan<byte> text, Span<ulong> found)
    {
        // By code: 0 is the rest.
        var rented = ArrayPool<bool>.Shared.Rent(parts.Templates + 1);
        try
        {
            var may = rented.AsSpan(0, parts.Templates + 1);
            may.Clear();
            if (parts.Templates > 0 && !StringsPageTemplates.TryFindContaining(parts, Templates.LongestPlain(text), may[1..])) return false;
            if (parts.Rest > 0)
            {
                if (!StringsPageParts.TryReadText(parts.RestTexts, out var heap, out var length)) return false;
                may[0] = heap.AsSpan(0, length).IndexOf(text) >= 0;
                ArrayPool<byte>.Shared.Return(heap);
            }
            found.Clear();
            if (!may.Contains(true)) return true;
            for (var i = 0; i < ofValue.Length; i++) found[i >> 6] |= (may[ofValue[i]] ? 1UL : 0) << i;
            return true;
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(rented);
        }
    }

    /// <summary>Marks the distinct values of one template whose words are these.</summary>
    private static bool TryMatchWords(in StringsPageParts parts, ReadOnlySpan<int> ofValue, int template, ReadOnlySpan<long> words, Span<ulong> found)
    {
        var from = parts.Variables;
        ReadOnlySpan<byte> streams = default;
        for (var t = 0; t <= template; t++)
        {
            if (!StringsPageParts.TryReadPart(ref from, out streams)) return false;
        }
        var uses = 0;
        foreach (var code in ofValue) uses += code == template + 1 ? 1 : 0;
        if (uses == 0) return false;
        var rented = ArrayPool<long>.Shared.Rent(uses);
        var agreeing = ArrayPool<ulong>.Shared.Rent(StringsPage.RowBitWords(uses));
        try
        {
            var stream = rented.AsSpan(0, uses);
            var agree = agreeing.AsSpan(0, StringsPage.RowBitWords(uses));
            agree.Fill(ulong.MaxValue);
            for (var w = 0; w < words.Length; w++)
            {
                if (!StringsPageTemplates.TryReadStream(ref streams, stream)) return false;
                // Most pages don't have a text that is searched for: the first stream says so.
                if (!stream.Contains(words[w])) return true;
                for (var u = 0; u < uses; u++)
                {
                    if (stream[u] != words[w]) agree[u >> 6] &= ~(1UL << u);
                }
            }
            var use = 0;
            for (var i = 0; i < ofValue.Length; i++)
            {
                if (ofValue[i] != template + 1) continue;
                found[i >> 6] |= (agree[use >> 6] >> use & 1) << i;
                use++;
            }
            return streams.IsEmpty;
        }
        finally
        {
            ArrayPool<long>.Shared.Return(rented);
            ArrayPool<ulong>.Shared.Return(agreeing);
        }
    }

    private static bool TryMatchRest(in StringsPageParts parts, ReadOnlySpan<int> ofValue, ReadOnlySpan<byte> text, Span<ulong> found)
    {
        // Decompressing is most of the time, and many texts are told apart by their length.
        if (!StringsPageRest.TryHasLength(parts, text.Length, out var has)) return false;
        if (!has) return true;
        if (!StringsPageRest.TryRead(parts, out var rest)) return false;
        for (var i = 0; i < ofValue.Length; i++)
        {
            if (ofValue[i] == 0 && rest.Next().SequenceEqual(text)) found[i >> 6] |= 1UL << i;
        }
        rest.Dispose();
        return true;
    }
}
