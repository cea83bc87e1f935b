// Where each value of a page in encoding 10 stands: what reading a few values of a page takes, worked out once and kept while the page is asked for.
using System.Buffers;

namespace Waymark.Storage.Columns;

/// <summary>
/// From a row to its distinct value, from there to a template and the place of its variables in their streams. The variables themselves stay in the page's bytes, so this is a fraction of the page.
/// Immutable. Every read is given the bytes it was made from.
/// </summary>
internal sealed class StringsPageIndex
{
    /// <summary>Values are counted in 16 bits.</summary>
    public const int MaxCount = ushort.MaxValue;

    private readonly int count;

    /// <summary>Null where every row is a run.</summary>
    private RunStarts? runs;

    /// <summary>By run its distinct value; null where every run has its own.</summary>
    private ushort[]? valueOfRun;

    /// <summary>By distinct value its template from 1, 0 for rest; null where all have <see cref="onlyCode"/>.</summary>
    private ushort[]? codes;
    private int onlyCode;

    private byte[] templateTexts = [];
    private TemplatePlace[] templates = [];
    private WordStream[] streams = [];
    private ByteStrings rest = ByteStrings.None;

    private StringsPageIndex(int count) => this.count = count;

    /// <summary>What it takes in memory.</summary>
    public long Bytes { get; private set; }

    /// <summary>Reads how a page is laid out. False: it contradicts itself.</summary>
    public static bool TryBuild(ReadOnlySpan<byte> stored, int count, out StringsPageIndex index)
    {
        index = new StringsPageIndex(count);
        return count <= MaxCount && StringsPageParts.TryRead(stored, count, out var parts)
            && index.TryReadRuns(parts) && index.TryReadCodes(parts, out var uses) && index.TryReadTemplates(stored, parts, uses) && index.TryReadRest(parts) && index.Measure();
    }

    /// <summary>The distinct value of a row: rows with the same one have equal texts, others don't.</summary>
    public int ValueOf(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)count, nameof(row));
        if (runs is not null) row = runs.RunOf(row);
        return valueOfRun is null ? row : valueOfRun[row];
    }

    /// <summary>The text of a distinct value, in <paramref name="room"/> (made larger if need be) or in memory of the index. False: the page contradicts itself.</summary>
    public bool TryRead(ReadOnlySpan<byte> stored, int value, ref byte[] room, out ReadOnlySpan<byte> text)
    {
        var code = codes is null ? onlyCode : codes[value];
        // Values of one template stand in its streams in the order of the page.
        var use = codes is null ? value : codes.AsSpan(0, value).Count((ushort)code);
        if (code == 0)
        {
            text = rest[use];
            return true;
        }
        ref readonly var template = ref templates[code - 1];
        if (room.Length < template.LongestText) room = new byte[Math.Max(64, template.LongestText)];
        Span<long> words = stackalloc long[Templates.MaxWords];
        for (var w = 0; w < template.Words; w++) words[w] = streams[template.FirstStream + w].At(stored, use);
        var isJoined = Templates.TryJoin(templateTexts.AsSpan(template.Start, template.Length), words[..template.Words], room, out var written);
        text = room.AsSpan(0, written);
        return isJoined;
    }

    private bool TryReadRuns(in StringsPageParts parts)
    {
        if (parts.Distinct == count) return true;
        var numbers = ArrayPool<long>.Shared.Rent(parts.Runs * 2);
        try
        {
            var lengths = numbers.AsSpan(0, parts.Runs);
            var back = numbers.AsSpan(parts.Runs, parts.Runs);
            if (!parts.TryReadRuns(lengths, back)) return false;
            if (parts.Runs < count && !TryPlaceRuns(lengths)) return false;
            if (parts.Distinct == parts.Runs) return true;
            valueOfRun = new ushort[parts.Runs];
            var seen = 0;
            for (var run = 0; run < valueOfRun.Length; run++) valueOfRun[run] = (ushort)(back[run] == 0 ? seen++ : seen - (int)back[run]);
            return true;
        }
        finally
        {
            ArrayPool<long>.Shared.Return(numbers);
        }
    }

    private bool TryPlaceRuns(ReadOnlySpan<long> lengths)
    {
        var rented = ArrayPool<int>.Shared.Rent(lengths.Length);
        for (var i = 0; i < lengths.Length; i++) rented[i] = (int)lengths[i] - 1;
        var isPlaced = RunStarts.TryBuild(rented.AsSpan(0, lengths.Length), count, out runs);
        ArrayPool<int>.Shared.Return(rented);
        return isPlaced;
    }

    /// <param name="uses">By code how many values have it.</param>
    private bool TryReadCodes(in StringsPageParts parts, out int[] uses)
    {
        uses = new int[parts.Templates + 1];
        var rented = ArrayPool<int>.Shared.Rent(parts.Distinct);
        try
        {
            var read = rented.AsSpan(0, parts.Distinct);
            if (!parts.TryReadCodes(read)) return false;
            foreach (var code in read) uses[code]++;
            onlyCode = read[0];
            if (uses[onlyCode] == read.Length) return true;
            codes = new ushort[read.Length];
            for (var i = 0; i < codes.Length; i++) codes[i] = (ushort)read[i];
            return true;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    private bool TryReadTemplates(ReadOnlySpan<byte> stored, in StringsPageParts parts, int[] uses)
    {
        if (parts.Templates == 0) return true;
        if (!StringsPageParts.TryReadText(parts.TemplateTexts, out var heap, out var length)) return false;
        templateTexts = heap.AsSpan(0, length).ToArray();
        ArrayPool<byte>.Shared.Return(heap);

        templates = new TemplatePlace[parts.Templates];
        var found = new List<WordStream>();
        ReadOnlySpan<byte> from = templateTexts;
        var variables = parts.Variables;
        for (var t = 0; t < templates.Length; t++)
        {
            if (uses[t + 1] == 0 || !StringsPageParts.TryReadPart(ref from, out var text) || !Templates.TryMeasure(text, out var words, out var longest)
                || !StringsPageParts.TryReadPart(ref variables, out var ofTemplate))
            {
                return false;
            }
            templates[t] = new TemplatePlace(templateTexts.Length - from.Length - text.Length, text.Length, words, longest, found.Count);
            for (var w = 0; w < words; w++)
            {
                if (!WordStream.TryOpen(stored, ref ofTemplate, uses[t + 1], out var stream)) return false;
                found.Add(stream);
            }
            if (!ofTemplate.IsEmpty) return false;
        }
        streams = [.. found];
        return from.IsEmpty && variables.IsEmpty;
    }

    private bool TryReadRest(in StringsPageParts parts)
    {
        if (parts.Rest == 0) return true;
        if (!StringsPageRest.TryRead(parts, out var read)) return false;
        var heap = new byte[read.Bytes];
        var ends = new int[parts.Rest];
        var end = 0;
        for (var i = 0; i < ends.Length; i++)
        {
            var text = read.Next();
            text.CopyTo(heap.AsSpan(end));
            ends[i] = end += text.Length;
        }
        read.Dispose();
        rest = new ByteStrings(heap, ends);
        return true;
    }

    private bool Measure()
    {
        // An array has a head of 24 bytes; objects in it have about 64.
        Bytes = 256 + (runs?.Bytes ?? 0) + ((valueOfRun?.Length ?? 0) * 2L) + ((codes?.Length ?? 0) * 2L)
            + templateTexts.Length + (templates.Length * 20L) + rest.Heap.Length + (rest.Ends.Length * 4L);
        foreach (var stream in streams) Bytes += stream.Bytes;
        return true;
    }

    private readonly record struct TemplatePlace(int Start, int Length, int Words, int LongestText, int FirstStream);
}
