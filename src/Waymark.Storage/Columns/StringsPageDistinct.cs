// The values of one page before they are written in encoding 10: which rows are equal, and what each distinct text splits into.
using System.Runtime.Intrinsics.X86;
using Waymark.Model.Bodies;
using Waymark.Storage.Head;

namespace Waymark.Storage.Columns;

/// <summary>Scratch of <see cref="StringsPageEncoder"/>: filled by one of the three first methods, then read.</summary>
internal sealed class StringsPageDistinct : IDisposable
{
    private const int ReadAhead = 12;

    private readonly PooledBuffer templateHeap = new(16 * 1024);
    private readonly PooledBuffer split = new(4 * 1024);
    private readonly Slots codeSlots = new();
    private readonly Slots textSlots = new();
    private readonly Slots templateSlots = new();
    private Value[] values = [];
    private Run[] runs = [];
    private (int Code, int Value)[] known = [];
    private long[] words = [];
    private int[] templateEnds = [];
    private int[] templateWords = [];
    private int[] templateUses = [];
    private int valueCount;
    private int runCount;
    private int knownCount;
    private int wordCount;
    private int templateCount;
    private int lastTemplate;

    /// <summary>A distinct text: a code it has, its template, and where its words begin.</summary>
    public readonly record struct Value(int Code, int Template, int FirstWord, int Length);

    /// <summary>Equal neighbours: which distinct value, and how many rows.</summary>
    public record struct Run(int Value, int Length);

    public ReadOnlySpan<Value> Values => values.AsSpan(0, valueCount);

    public ReadOnlySpan<Run> Runs => runs.AsSpan(0, runCount);

    public ReadOnlySpan<long> Words => words.AsSpan(0, wordCount);

    /// <summary>How many distinct values each template has.</summary>
    public ReadOnlySpan<int> TemplateUses => templateUses.AsSpan(0, templateCount);

    /// <summary>Rows.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of all rows' values, and of the distinct ones.</summary>
    public long PlainBytes { get; private set; }

    public long DistinctBytes { get; private set; }

    public int Shortest { get; private set; }

    public int Longest { get; private set; }

    public int TemplateWords(int template) => templateWords[template];

    public ReadOnlySpan<byte> Template(int template) => templateHeap.WrittenSpan[(template == 0 ? 0 : templateEnds[template - 1])..templateEnds[template]];

    /// <summary>Rows given by codes, of which different ones may mean equal texts.</summary>
    public void Find<T>(ReadOnlySpan<int> codes, T texts)
        where T : IPageTexts, allows ref struct
    {
        Begin(codes.Length);
        codeSlots.Clear(codes.Length);
        textSlots.Clear(codes.Length);
        Room(ref known, codes.Length);
        knownCount = 0;
        for (var row = 0; row < codes.Length; row++)
        {
            var code = codes[row];
            // New texts come from all over the heads.
            if (Sse.IsSupported && row + ReadAhead < codes.Length) texts.Prefetch(codes[row + ReadAhead]);
            if (row > 0 && code == codes[row - 1]) AddRow(runs[runCount - 1].Value);
            else AddRow(OfCode(code, texts));
        }
    }

    /// <summary>Rows that are their own codes.</summary>
    public void FindUncoded<T>(int count, T texts)
        where T : IPageTexts, allows ref struct
    {
        Begin(count);
        textSlots.Clear(count);
        for (var row = 0; row < count; row++) AddRow(OfText(row, texts));
    }

    /// <summary>Rows that are their own codes and all different.</summary>
    public void TakeAll<T>(int count, T texts)
        where T : IPageTexts, allows ref struct
    {
        Begin(count);
        for (var row = 0; row < count; row++)
        {
            TakeNext(row, texts[row]);
            AddRow(row);
        }
    }

    public void Dispose()
    {
        templateHeap.Dispose();
        split.Dispose();
    }

    private void Begin(int count)
    {
        Count = count;
        (PlainBytes, DistinctBytes, Shortest, Longest) = (0, 0, int.MaxValue, 0);
        (valueCount, runCount, wordCount, templateCount, lastTemplate) = (0, 0, 0, 0, 0);
        templateHeap.Clear();
        templateSlots.Clear(count);
        Room(ref values, count);
        Room(ref runs, count);
        Room(ref templateEnds, count);
        Room(ref templateWords, count);
        Room(ref templateUses, count);
    }

    private void AddRow(int value)
    {
        PlainBytes += values[value].Length;
        if (runCount > 0 && runs[runCount - 1].Value == value) runs[runCount - 1].Length++;
        else runs[runCount++] = new Run(value, 1);
    }

    private int OfCode<T>(int code, T texts)
        where T : IPageTexts, allows ref struct
    {
        for (var at = codeSlots.First((ulong)(uint)code * 0x9E37_79B9_7F4A_7C15); ; at = codeSlots.After(at))
        {
            ref var slot = ref codeSlots[at];
            if (slot == 0)
            {
                var value = texts.AreDistinct ? TakeNext(code, texts[code]) : OfText(code, texts);
                known[knownCount++] = (code, value);
                slot = knownCount;
                return value;
            }
            if (known[slot - 1].Code == code) return known[slot - 1].Value;
        }
    }

    private int OfText<T>(int code, T texts)
        where T : IPageTexts, allows ref struct
    {
        var text = texts[code];
        for (var at = textSlots.First(TextHash.Of(text, ProcessSeed.Value)); ; at = textSlots.After(at))
        {
            ref var slot = ref textSlots[at];
            if (slot == 0)
            {
                TakeNext(code, text);
                slot = valueCount;
                return valueCount - 1;
            }
            var value = values[slot - 1];
            if (value.Length == text.Length && texts[value.Code].SequenceEqual(text)) return slot - 1;
        }
    }

    /// <summary>Adds a distinct text, splits it, and returns its number.</summary>
    private int TakeNext(int code, ReadOnlySpan<byte> text)
    {
        if (words.Length - wordCount < Templates.MaxWords) Array.Resize(ref words, Math.Max(4_096, words.Length * 2));
        var template = split.GetSpan(Templates.MaxTemplateBytes(text.Length));
        var length = Templates.Split(text, template, words.AsSpan(wordCount), out var added);
        values[valueCount++] = new Value(code, OfTemplate(template[..length], added), wordCount, text.Length);
        wordCount += added;
        DistinctBytes += text.Length;
        Shortest = Math.Min(Shortest, text.Length);
        Longest = Math.Max(Longest, text.Length);
        return valueCount - 1;
    }

    private int OfTemplate(ReadOnlySpan<byte> template, int wordsOfIt)
    {
        // The values of a column often have one template.
        if (templateCount > 0 && Template(lastTemplate).SequenceEqual(template)) templateUses[lastTemplate]++;
        else lastTemplate = FindTemplate(template, wordsOfIt);
        return lastTemplate;
    }

    private int FindTemplate(ReadOnlySpan<byte> template, int wordsOfIt)
    {
        for (var at = templateSlots.First(TextHash.Of(template, ProcessSeed.Value)); ; at = templateSlots.After(at))
        {
            ref var slot = ref templateSlots[at];
            if (slot == 0)
            {
                templateHeap.Write(template);
                templateEnds[templateCount] = templateHeap.Length;
                templateWords[templateCount] = wordsOfIt;
                templateUses[templateCount] = 1;
                slot = ++templateCount;
                return slot - 1;
            }
            if (!Template(slot - 1).SequenceEqual(template)) continue;
            templateUses[slot - 1]++;
            return slot - 1;
        }
    }

    private static void Room<T>(ref T[] array, int count)
    {
        if (array.Length < count) array = new T[Math.Max(count, array.Length * 2)];
    }

    /// <summary>An open-addressing table of positions + 1, at most half full.</summary>
    private sealed class Slots
    {
        private int[] slots = new int[64];
        private int shift = 64;
        private int mask;

        public ref int this[int at] => ref slots[at];

        public void Clear(int count)
        {
            var bits = Math.Max(6, System.Numerics.BitOperations.Log2((uint)Math.Max(1, count)) + 2);
            Room(ref slots, 1 << bits);
            slots.AsSpan(0, 1 << bits).Clear();
            shift = 64 - bits;
            mask = (1 << bits) - 1;
        }

        public int First(ulong hash) => (int)(hash >> shift);

        public int After(int at) => (at + 1) & mask;
    }
}
