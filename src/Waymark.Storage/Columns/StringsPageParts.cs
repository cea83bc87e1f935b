// The parts of a page in encoding 10, found and measured but not yet read.
using System.Buffers;

namespace Waymark.Storage.Columns;

/// <summary>
/// Rows stand in runs of equal neighbours; a run has a value not seen before in the page or refers to an earlier one; a distinct value is a template with variables, or rest.
/// Counts are checked against each other on reading; what the parts contain, when they are read themselves.
/// </summary>
internal ref struct StringsPageParts
{
    /// <summary>Values of the page, at most those of a page of a segment or of a dictionary block.</summary>
    private const int MaxCount = 1 << 20;

    private ReadOnlySpan<byte> runLengths;
    private ReadOnlySpan<byte> references;
    private ReadOnlySpan<byte> codes;
    private int count;

    /// <summary>Bytes of the distinct values.</summary>
    public int PlainBytes { get; private set; }

    /// <summary>Runs of equal neighbours.</summary>
    public int Runs { get; private set; }

    public int Distinct { get; private set; }

    /// <summary>Distinct values that are no template's.</summary>
    public int Rest { get; private set; }

    /// <summary>How many templates there are, and the part with their texts.</summary>
    public int Templates { get; private set; }

    public ReadOnlySpan<byte> TemplateTexts { get; private set; }

    /// <summary>Per template a varint of bytes and its variables' streams.</summary>
    public ReadOnlySpan<byte> Variables { get; private set; }

    public ReadOnlySpan<byte> RestLengths { get; private set; }

    public ReadOnlySpan<byte> RestTexts { get; private set; }

    public static bool TryRead(ReadOnlySpan<byte> stored, int count, out StringsPageParts parts)
    {
        parts = new StringsPageParts { count = count };
        if (count is <= 0 or > MaxCount
            || !TryReadCount(ref stored, StringsPage.MaxPlainBytes, out var plain) || !TryReadCount(ref stored, count, out var runs)
            || !TryReadCount(ref stored, runs, out var distinct) || !TryReadCount(ref stored, distinct, out var templates) || !TryReadCount(ref stored, distinct, out var rest))
        {
            return false;
        }
        if (distinct == 0 || rest + templates > distinct || (templates == 0 && rest < distinct)) return false;
        (parts.PlainBytes, parts.Runs, parts.Distinct, parts.Templates, parts.Rest) = (plain, runs, distinct, templates, rest);
        if (parts.Runs < count && !TryReadPart(ref stored, out parts.runLengths)) return false;
        if (distinct < parts.Runs && !TryReadPart(ref stored, out parts.references)) return false;
        if (parts.HasCodes && !TryReadPart(ref stored, out parts.codes)) return false;
        if (templates > 0)
        {
            if (!TryReadPart(ref stored, out var texts) || !TryReadPart(ref stored, out var variables)) return false;
            parts.TemplateTexts = texts;
            parts.Variables = variables;
        }
        if (rest > 0)
        {
            if (!TryReadPart(ref stored, out var lengths) || !TryReadPart(ref stored, out var texts)) return false;
            parts.RestLengths = lengths;
            parts.RestTexts = texts;
        }
        return stored.IsEmpty;
    }

    /// <summary>For each row the distinct value it has.</summary>
    public readonly bool TryReadPlaces(Span<int> places)
    {
        if (Distinct == count)
        {
            for (var row = 0; row < places.Length; row++) places[row] = row;
            return true;
        }
        var numbers = ArrayPool<long>.Shared.Rent(Runs * 2);
        try
        {
            var lengths = numbers.AsSpan(0, Runs);
            var back = numbers.AsSpan(Runs, Runs);
            if (!TryReadRuns(lengths, back)) return false;
            var at = 0;
            var seen = 0;
            for (var run = 0; run < Runs; run++)
            {
                var place = back[run] == 0 ? seen++ : seen - (int)back[run];
                places.Slice(at, (int)lengths[run]).Fill(place);
                at += (int)lengths[run];
            }
            return true;
        }
        finally
        {
            ArrayPool<long>.Shared.Return(numbers);
        }
    }

    /// <summary>Sets the bits of the rows whose distinct value has its bit set in <paramref name="matching"/>; the others are left as they are.</summary>
    public readonly bool TrySetRows(ReadOnlySpan<ulong> matching, Span<ulong> rows)
    {
        if (Distinct == count)
        {
            for (var i = 0; i < matching.Length; i++) rows[i] |= matching[i];
            return true;
        }
        var numbers = ArrayPool<long>.Shared.Rent(Runs * 2);
        try
        {
            var lengths = numbers.AsSpan(0, Runs);
            var back = numbers.AsSpan(Runs, Runs);
            if (!TryReadRuns(lengths, back)) return false;
            var (at, seen) = (0, 0);
            for (var run = 0; run < Runs; run++)
            {
                var place = back[run] == 0 ? seen++ : seen - (int)back[run];
                var end = at + (int)lengths[run];
                if ((matching[place >> 6] >> place & 1) != 0) RowBits.Set(rows, at, end);
                at = end;
            }
            return true;
        }
        finally
        {
            ArrayPool<long>.Shared.Return(numbers);
        }
    }

    /// <summary>For each distinct value its template, counted from 1; 0 for rest.</summary>
    public readonly bool TryReadCodes(Span<int> into)
    {
        if (!HasCodes)
        {
            into.Fill(Templates);
            return true;
        }
        var numbers = ArrayPool<long>.Shared.Rent(Distinct);
        try
        {
            var from = codes;
            var read = numbers.AsSpan(0, Distinct);
            if (!NumberStream.TryRead(ref from, read) || !from.IsEmpty) return false;
            var others = 0;
            for (var i = 0; i < read.Length; i++)
            {
                if ((ulong)read[i] > (ulong)Templates) return false;
                into[i] = (int)read[i];
                if (into[i] == 0) others++;
            }
            return others == Rest;
        }
        finally
        {
            ArrayPool<long>.Shared.Return(numbers);
        }
    }

    /// <summary>A varint of at most <paramref name="most"/>.</summary>
    internal static bool TryReadCount(scoped ref ReadOnlySpan<byte> from, int most, out int value)
    {
        value = 0;
        if (!NumberStream.TryReadVarint(ref from, out var read) || read > (ulong)most) return false;
        value = (int)read;
        return true;
    }

    /// <summary>A varint of bytes, and so many bytes.</summary>
    internal static bool TryReadPart(scoped ref ReadOnlySpan<byte> from, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (!TryReadCount(ref from, from.Length, out var bytes) || bytes > from.Length) return false;
        part = from[..bytes];
        from = from[bytes..];
        return true;
    }

    /// <summary>A codec, then the bytes as it stores them: plain, in an array of the shared pool that the caller gives back.</summary>
    internal static bool TryReadText(ReadOnlySpan<byte> part, out byte[] rented, out int length)
    {
        rented = [];
        length = 0;
        if (part.IsEmpty) return false;
        var codec = (PageCodec)part[0];
        part = part[1..];
        if (codec == PageCodec.None) length = part.Length;
        else if (!PageCodecs.TryReadPlainLength(ref part, out length)) return false;
        rented = ArrayPool<byte>.Shared.Rent(length);
        if (PageCodecs.TryDecompress(codec, part, rented.AsSpan(0, length))) return true;
        ArrayPool<byte>.Shared.Return(rented);
        rented = [];
        return false;
    }

    /// <summary>With one template and no rest there is nothing to tell apart.</summary>
    private readonly bool HasCodes => Templates > 1 || (Templates == 1 && Rest > 0);

    /// <summary>The length of each run, and 0 for a new value or how many distinct values back it is; checked against all counts.</summary>
    public readonly bool TryReadRuns(Span<long> lengths, Span<long> back)
    {
        var from = runLengths;
        lengths.Clear();
        if (Runs < count && (!NumberStream.TryRead(ref from, lengths) || !from.IsEmpty)) return false;
        long total = 0;
        foreach (ref var length in lengths)
        {
            if ((ulong)length >= (ulong)count) return false;
            total += ++length;
        }
        if (total != count) return false;

        from = references;
        back.Clear();
        if (Distinct < Runs && (!NumberStream.TryRead(ref from, back) || !from.IsEmpty)) return false;
        long seen = 0;
        foreach (var distance in back)
        {
            if ((ulong)distance > (ulong)seen) return false;
            if (distance == 0) seen++;
        }
        return seen == Distinct;
    }
}
