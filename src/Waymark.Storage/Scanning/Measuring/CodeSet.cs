// Some of the codes of a dictionary, or of contexts, shapes, kinds: what a predicate that is evaluated once per entry leaves to be looked for in pages.
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>A set of codes from 0 to <see cref="Capacity"/> − 1. Immutable.</summary>
internal sealed class CodeSet
{
    private readonly uint[] words;

    private CodeSet(uint[] words, int capacity)
    {
        this.words = words;
        Capacity = capacity;
        First = -1;
        for (var code = 0; code < capacity; code++)
        {
            if (words[code / 32] == 0)
            {
                code |= 31;
                continue;
            }
            if (!Contains(code)) continue;
            if (Count++ == 0) First = code;
            Last = code;
        }
    }

    /// <summary>Codes that may be asked about.</summary>
    public int Capacity { get; }

    public int Count { get; }

    /// <summary>The smallest code; −1 without any.</summary>
    public int First { get; }

    /// <summary>The largest code.</summary>
    public int Last { get; }

    public static CodeSet Single(int code, int capacity)
    {
        var words = new uint[WordsFor(capacity)];
        if (code >= 0) words[code / 32] |= 1u << (code % 32);
        return new CodeSet(words, capacity);
    }

    public static CodeSet Where(int capacity, Func<int, bool> holds)
    {
        var words = new uint[WordsFor(capacity)];
        for (var code = 0; code < capacity; code++)
        {
            if (holds(code)) words[code / 32] |= 1u << (code % 32);
        }
        return new CodeSet(words, capacity);
    }

    public bool Contains(int code) => (words[code / 32] >> (code % 32) & 1) != 0;

    /// <summary>A bit per code that is in the set. The codes are below <see cref="Capacity"/>.</summary>
    public void Select(ReadOnlySpan<int> codes, Span<ulong> bits)
    {
        if (Count == 0) bits.Clear();
        else if (Last - First + 1 == Count) CodeKernels.Between(codes, First, Last, bits);
        else if (Avx2.IsSupported && Capacity <= 256) SelectFew(codes, bits);
        else if (Avx2.IsSupported) SelectMany(codes, bits);
        else SelectEach(codes, 0, bits);
    }

    /// <summary>Eight words hold up to 256 codes: a permutation fetches each code's word from a register.</summary>
    private void SelectFew(ReadOnlySpan<int> codes, Span<ulong> bits)
    {
        ref var from = ref MemoryMarshal.GetReference(codes);
        var table = Vector256.Create<uint>(words).AsInt32();
        var (top, low) = (Vector256.Create(31u), Vector256.Create(31));
        var done = 0;
        for (; done + 64 <= codes.Length; done += 64)
        {
            ulong word = 0;
            for (var part = 0; part < 64; part += 8)
            {
                var eight = Vector256.LoadUnsafe(ref from, (nuint)(done + part));
                var held = Avx2.PermuteVar8x32(table, eight >>> 5);
                // The code's bit to the top, from where it is taken.
                word |= (ulong)Avx2.ShiftLeftLogicalVariable(held, top - (eight & low).AsUInt32()).ExtractMostSignificantBits() << part;
            }
            bits[done / 64] = word;
        }
        SelectEach(codes, done, bits);
    }

    private unsafe void SelectMany(ReadOnlySpan<int> codes, Span<ulong> bits)
    {
        ref var from = ref MemoryMarshal.GetReference(codes);
        var (top, low) = (Vector256.Create(31u), Vector256.Create(31));
        var done = 0;
        // A gather takes a pointer; codes are below the capacity, so every word it reads is in the array.
        fixed (uint* table = words)
        {
            for (; done + 64 <= codes.Length; done += 64)
            {
                ulong word = 0;
                for (var part = 0; part < 64; part += 8)
                {
                    var eight = Vector256.LoadUnsafe(ref from, (nuint)(done + part));
                    var held = Avx2.GatherVector256((int*)table, eight >>> 5, 4);
                    word |= (ulong)Avx2.ShiftLeftLogicalVariable(held, top - (eight & low).AsUInt32()).ExtractMostSignificantBits() << part;
                }
                bits[done / 64] = word;
            }
        }
        SelectEach(codes, done, bits);
    }

    private void SelectEach(ReadOnlySpan<int> codes, int done, Span<ulong> bits)
    {
        for (; done < codes.Length; done += 64)
        {
            ulong word = 0;
            var end = Math.Min(64, codes.Length - done);
            for (var i = 0; i < end; i++) word |= Contains(codes[done + i]) ? 1ul << i : 0;
            bits[done / 64] = word;
        }
        bits[Selection.Words(codes.Length)..].Clear();
    }

    /// <summary>At least a vector's worth.</summary>
    private static int WordsFor(int capacity) => Math.Max(Vector256<uint>.Count, (int)BitOperations.RoundUpToPowerOf2((uint)((capacity / 32) + 1)));
}
