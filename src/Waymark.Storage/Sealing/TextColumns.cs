// Text columns with many different values: gathered whole, then written the way that takes fewer bytes.
using System.Buffers;
using System.Numerics;
using Waymark.Model.Bodies;
using Waymark.Storage.Columns;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Sealing;

/// <summary>
/// The texts of one column over all heads under one numbering: a head's codes follow those of the head before it. Where no head gave up comparing, a text that several have goes by one number, so that
/// different numbers are different texts.
/// </summary>
internal sealed class HeadTexts : IPageTexts, IDisposable
{
    private readonly TextDictionary?[] heads;
    private readonly int[] firsts;

    /// <summary>Per head the number of each code, pooled; null: the code itself.</summary>
    private readonly int[]?[] numbers;

    public HeadTexts(TextDictionary?[] heads)
    {
        this.heads = heads;
        firsts = new int[heads.Length];
        numbers = new int[heads.Length][];
        for (var h = 1; h < heads.Length; h++) firsts[h] = firsts[h - 1] + (heads[h - 1]?.Count ?? 0);
        Count = firsts[^1] + (heads[^1]?.Count ?? 0);
        AreDistinct = !Array.Exists(heads, h => h is { GaveUp: true });
        // From the largest down: what is looked up are the texts of the smaller ones.
        var bySize = Enumerable.Range(0, heads.Length).OrderByDescending(h => heads[h]?.Count ?? 0).ToArray();
        for (var k = 0; k < bySize.Length; k++) Number(bySize[k], bySize.AsSpan(0, k));
    }

    public int Count { get; }

    public bool AreDistinct { get; }

    public TextDictionary?[] Heads => heads;

    public ReadOnlySpan<byte> this[int code]
    {
        get
        {
            var h = HeadOf(code);
            return heads[h]![code - firsts[h]];
        }
    }

    public int[]? Numbers(int head) => numbers[head];

    public int Code(int head, int code) => numbers[head] is { } own ? own[code] : code;

    public void Prefetch(int code)
    {
        var h = HeadOf(code);
        heads[h]!.Prefetch(code - firsts[h]);
    }

    public void Dispose()
    {
        foreach (var own in numbers)
        {
            if (own is not null) ArrayPool<int>.Shared.Return(own);
        }
    }

    private void Number(int head, ReadOnlySpan<int> numbered)
    {
        if (heads[head] is not { Count: > 0 } own || (firsts[head] == 0 && (numbered.IsEmpty || !AreDistinct))) return;
        var ofCode = numbers[head] = ArrayPool<int>.Shared.Rent(own.Count);
        for (var code = 0; code < own.Count; code++)
        {
            ofCode[code] = firsts[head] + code;
            if (!AreDistinct) continue;
            foreach (var other in numbered)
            {
                if (heads[other]?.TryFind(own[code], out var known) != true) continue;
                ofCode[code] = Code(other, known);
                break;
            }
        }
    }

    private int HeadOf(int code)
    {
        // A few heads: looked through from the last.
        var h = firsts.Length - 1;
        while (firsts[h] > code) h--;
        return h;
    }
}

/// <summary>
/// The values of one text column. A dictionary answers queries by one look-up and stores a repeat in a few bits wherever it stands; pages of texts store what is new in a page, and a repeat
/// within the page for next to nothing. Which is smaller depends on how the values lie, so all are gathered before one is chosen.
/// </summary>
internal sealed class TextColumnBuffer(SegmentWriter writer, int column, TextDictionary?[] heads) : PageBuffer(writer, column)
{
    /// <summary>What a dictionary may cost more: filters and lists of values are several times as fast with one.</summary>
    private const double DictionaryBonus = 1.15;

    /// <summary>Values of a page that are enough to see what a text costs.</summary>
    private const int SampleValues = 2_048;

    private readonly HeadTexts texts = new(heads);
    private readonly List<int> pageEnds = [];
    private int[] codes = ArrayPool<int>.Shared.Rent(FirstValues);
    private int count;

    /// <param name="number">Of a text, as <see cref="Numbers"/> has it.</param>
    public void Add(int number)
    {
        if (count == codes.Length) codes = Grown(ArrayPool<int>.Shared, codes);
        codes[count++] = number;
    }

    /// <summary>The numbers of a head's codes.</summary>
    public int[]? Numbers(int head) => texts.Numbers(head);

    /// <summary>Notes where a page ends; nothing is written before <see cref="Write"/>.</summary>
    public override void Flush() => pageEnds.Add(count);

    /// <summary>Writes all pages.</summary>
    public void Write(StringsPageEncoder encoder, PooledBuffer scratch)
    {
        if (count > 0 && PrefersDictionary(encoder)) WriteCodes();
        else WriteTexts(encoder, scratch);
    }

    public override void Dispose()
    {
        ArrayPool<int>.Shared.Return(codes);
        texts.Dispose();
    }

    private bool PrefersDictionary(StringsPageEncoder encoder)
    {
        foreach (var head in texts.Heads)
        {
            // Its codes repeat texts: sorting them would cost more than all else together.
            if (head is { GaveUp: true }) return false;
        }
        var (distinct, newInPage, runs) = Look();
        var sample = Page(0);
        for (var p = 1; p < pageEnds.Count && sample.Length < SampleValues; p++)
        {
            if (Page(p).Length > sample.Length) sample = Page(p);
        }
        if (sample.Length > SampleValues) sample = sample[..SampleValues];
        var perPageText = (double)encoder.EstimateBytes(sample, texts, new StringsPageChoices()) / Distinct(sample);
        var bits = BitOperations.Log2((uint)distinct) + 1;
        // Sorted texts share more with their neighbours than those of a page do.
        var asDictionary = (distinct * perPageText * 0.9) + (Math.Min(count * (double)bits, runs * (bits + 4.0)) / 8);
        var asPages = newInPage * perPageText;
        return asDictionary <= asPages * DictionaryBonus;
    }

    /// <summary>Different codes in all, pages' different codes summed up, and runs of equal ones.</summary>
    private (int Distinct, long NewInPage, long Runs) Look()
    {
        var lastPage = ArrayPool<int>.Shared.Rent(texts.Count);
        lastPage.AsSpan(0, texts.Count).Clear();
        var distinct = 0;
        long newInPage = 0, runs = 0;
        var previous = -1;
        for (var p = 0; p < pageEnds.Count; p++)
        {
            foreach (var code in Page(p))
            {
                if (code == previous) continue;
                previous = code;
                runs++;
                ref var last = ref lastPage[code];
                if (last == p + 1) continue;
                if (last == 0) distinct++;
                last = p + 1;
                newInPage++;
            }
        }
        ArrayPool<int>.Shared.Return(lastPage);
        return (distinct, newInPage, runs);
    }

    private static int Distinct(ReadOnlySpan<int> page)
    {
        var sorted = ArrayPool<int>.Shared.Rent(page.Length);
        page.CopyTo(sorted);
        sorted.AsSpan(0, page.Length).Sort();
        var distinct = 1;
        for (var i = 1; i < page.Length; i++) distinct += sorted[i] == sorted[i - 1] ? 0 : 1;
        ArrayPool<int>.Shared.Return(sorted);
        return distinct;
    }

    private void WriteCodes()
    {
        using var merged = MergedTexts.Merge(texts.Heads);
        Writer.SetDictionary(Column, Writer.AddDictionary(merged.Heap, merged.Ends));
        var numbers = ArrayPool<long>.Shared.Rent(SegmentFormat.PageRows);
        var ofCode = ArrayPool<int>.Shared.Rent(Math.Max(1, texts.Count));
        for (var h = 0; h < texts.Heads.Length; h++)
        {
            for (var code = 0; code < (texts.Heads[h]?.Count ?? 0); code++) ofCode[texts.Code(h, code)] = merged.Codes[h][code];
        }
        for (var p = 0; p < pageEnds.Count; p++)
        {
            var page = Page(p);
            for (var i = 0; i < page.Length; i++) numbers[i] = ofCode[page[i]];
            Writer.AddPage(Column, numbers.AsSpan(0, page.Length));
        }
        ArrayPool<int>.Shared.Return(ofCode);
        ArrayPool<long>.Shared.Return(numbers);
    }

    private void WriteTexts(StringsPageEncoder encoder, PooledBuffer scratch)
    {
        var choices = new StringsPageChoices();
        for (var p = 0; p < pageEnds.Count; p++)
        {
            var page = Page(p);
            scratch.Clear();
            if (page.IsEmpty || !encoder.TryEncode(page, texts, choices, scratch, out var plan) || plan.RawBytes <= plan.Bytes) WritePlain(page, scratch);
            else Writer.AddPage(Column, page.Length, plan.Shortest, plan.Longest, PageEncoding.Strings, PageCodec.None, scratch.WrittenSpan);
        }
    }

    /// <summary>The texts as they are.</summary>
    private void WritePlain(ReadOnlySpan<int> page, PooledBuffer scratch)
    {
        scratch.Clear();
        var ends = ArrayPool<int>.Shared.Rent(Math.Max(1, page.Length));
        for (var i = 0; i < page.Length; i++)
        {
            scratch.Write(texts[page[i]]);
            ends[i] = scratch.Length;
        }
        Writer.AddPage(Column, scratch.WrittenSpan, ends.AsSpan(0, page.Length));
        ArrayPool<int>.Shared.Return(ends);
    }

    private ReadOnlySpan<int> Page(int page) => codes.AsSpan((page == 0 ? 0 : pageEnds[page - 1])..pageEnds[page]);
}
