// The comparisons of NumberKernels: on packed numbers, as many at a time as a register holds, and on decoded ones.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Waymark.Storage.Columns;

/// <summary>A test of unpacked values, counted from the page's smallest. What is prepared stays in registers for a block; results are a bit per lane.</summary>
internal interface ISlotTest
{
    (Vector512<uint> A, Vector512<uint> B) Prepare512();
    (Vector256<uint> A, Vector256<uint> B) Prepare256();
    (Vector128<uint> A, Vector128<uint> B) Prepare128();
    ulong Test(Vector512<uint> values, (Vector512<uint> A, Vector512<uint> B) prepared);
    ulong Test(Vector256<uint> values, (Vector256<uint> A, Vector256<uint> B) prepared);
    ulong Test(Vector128<uint> values, (Vector128<uint> A, Vector128<uint> B) prepared);
    bool Test(uint value);
}

/// <summary>A test of decoded numbers: bit i of the result is about number i; bits beyond them in the last word are clear.</summary>
internal interface ILongTest
{
    void Test(scoped ReadOnlySpan<long> values, scoped Span<ulong> bits, SimdLevel level);
}

/// <summary>Equal to one value.</summary>
internal readonly struct EqualSlot(uint wanted) : ISlotTest
{
    public (Vector512<uint> A, Vector512<uint> B) Prepare512() => (Vector512.Create(wanted), default);

    public (Vector256<uint> A, Vector256<uint> B) Prepare256() => (Vector256.Create(wanted), default);

    public (Vector128<uint> A, Vector128<uint> B) Prepare128() => (Vector128.Create(wanted), default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Test(Vector512<uint> values, (Vector512<uint> A, Vector512<uint> B) prepared) => Vector512.Equals(values, prepared.A).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Test(Vector256<uint> values, (Vector256<uint> A, Vector256<uint> B) prepared) => Vector256.Equals(values, prepared.A).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Test(Vector128<uint> values, (Vector128<uint> A, Vector128<uint> B) prepared) => Vector128.Equals(values, prepared.A).ExtractMostSignificantBits();

    public bool Test(uint value) => value == wanted;
}

/// <summary>From a value on, this much further: one unsigned comparison after a subtraction.</summary>
internal readonly struct RangeSlot(uint from, uint length) : ISlotTest
{
    public (Vector512<uint> A, Vector512<uint> B) Prepare512() => (Vector512.Create(from), Vector512.Create(length));

    public (Vector256<uint> A, Vector256<uint> B) Prepare256() => (Vector256.Create(from), Vector256.Create(length));

    public (Vector128<uint> A, Vector128<uint> B) Prepare128() => (Vector128.Create(from), Vector128.Create(length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Test(Vector512<uint> values, (Vector512<uint> A, Vector512<uint> B) prepared) => Vector512.LessThanOrEqual(values - prepared.A, prepared.B).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Test(Vector256<uint> values, (Vector256<uint> A, Vector256<uint> B) prepared)
    {
        // Without an unsigned comparison: the smaller of both is the value itself.
        var shifted = values - prepared.A;
        return Vector256.Equals(Vector256.Min(shifted, prepared.B), shifted).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Test(Vector128<uint> values, (Vector128<uint> A, Vector128<uint> B) prepared)
    {
        var shifted = values - prepared.A;
        return Vector128.Equals(Vector128.Min(shifted, prepared.B), shifted).ExtractMostSignificantBits();
    }

    public bool Test(uint value) => unchecked(value - from) <= length;
}

/// <summary>In a table of up to 512 bits that lies in registers: one permutation finds a value's word, one shift its bit.</summary>
internal readonly struct TableSlot : ISlotTest
{
    private readonly Vector512<uint> table;

    private TableSlot(Vector512<uint> table) => this.table = table;

    /// <summary>The part of a set from <paramref name="min"/> on.</summary>
    public static TableSlot Of(ReadOnlySpan<ulong> set, long min)
    {
        Span<uint> words = stackalloc uint[16];
        words.Clear();
        for (var i = 0; i < 512; i++)
        {
            var value = min + i;
            if (value < 0 || value >> 6 >= set.Length) continue;
            if ((set[(int)(value >> 6)] >> (int)(value & 63) & 1) != 0) words[i / 32] |= 1u << (i % 32);
        }
        return new TableSlot(Vector512.Create(words));
    }

    public (Vector512<uint> A, Vector512<uint> B) Prepare512() => (table, Vector512.Create(31u));

    public (Vector256<uint> A, Vector256<uint> B) Prepare256() => (table.GetLower(), Vector256.Create(31u));

    /// <summary>Not asked at this width.</summary>
    public (Vector128<uint> A, Vector128<uint> B) Prepare128() => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Test(Vector512<uint> values, (Vector512<uint> A, Vector512<uint> B) prepared) =>
        Avx512F.ShiftLeftLogicalVariable(Avx512F.PermuteVar16x32(prepared.A, values >>> 5), Vector512.AndNot(prepared.B, values)).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Test(Vector256<uint> values, (Vector256<uint> A, Vector256<uint> B) prepared) =>
        Avx2.ShiftLeftLogicalVariable(Avx2.PermuteVar8x32(prepared.A, values >>> 5), Vector256.AndNot(prepared.B, values)).ExtractMostSignificantBits();

    public ulong Test(Vector128<uint> values, (Vector128<uint> A, Vector128<uint> B) prepared)
    {
        ulong found = 0;
        for (var lane = 0; lane < 4; lane++) found |= Test(values[lane]) ? 1UL << lane : 0;
        return found;
    }

    public bool Test(uint value) => value < 512 && (table[(int)(value >> 5)] >> (int)(value & 31) & 1) != 0;
}

/// <summary>Between two bounds, both included.</summary>
internal readonly struct RangeOfLongs(long low, long high) : ILongTest
{
    public void Test(scoped ReadOnlySpan<long> values, scoped Span<ulong> bits, SimdLevel level)
    {
        var whole = level == SimdLevel.Scalar ? 0 : values.Length / 64;
        ref var source = ref MemoryMarshal.GetReference(values);
        for (var w = 0; w < whole; w++)
        {
            bits[w] = level switch
            {
                SimdLevel.Vector512 => Word512(ref Unsafe.Add(ref source, w * 64)),
                SimdLevel.Vector256 => Word256(ref Unsafe.Add(ref source, w * 64)),
                _ => Word128(ref Unsafe.Add(ref source, w * 64)),
            };
        }
        for (var first = whole * 64; first < values.Length; first += 64)
        {
            ulong found = 0;
            for (var i = first; i < Math.Min(values.Length, first + 64); i++) found |= values[i] >= low && values[i] <= high ? 1UL << (i - first) : 0;
            bits[first / 64] = found;
        }
    }

    private ulong Word512(ref long source)
    {
        ulong found = 0;
        for (var i = 0; i < 64; i += 8)
        {
            var values = Vector512.LoadUnsafe(ref source, (nuint)i);
            found |= (Vector512.GreaterThanOrEqual(values, Vector512.Create(low)) & Vector512.LessThanOrEqual(values, Vector512.Create(high))).ExtractMostSignificantBits() << i;
        }
        return found;
    }

    private ulong Word256(ref long source)
    {
        ulong found = 0;
        for (var i = 0; i < 64; i += 4)
        {
            var values = Vector256.LoadUnsafe(ref source, (nuint)i);
            var matches = Vector256.GreaterThanOrEqual(values, Vector256.Create(low)) & Vector256.LessThanOrEqual(values, Vector256.Create(high));
            found |= (ulong)matches.ExtractMostSignificantBits() << i;
        }
        return found;
    }

    private ulong Word128(ref long source)
    {
        ulong found = 0;
        for (var i = 0; i < 64; i += 2)
        {
            var values = Vector128.LoadUnsafe(ref source, (nuint)i);
            var matches = Vector128.GreaterThanOrEqual(values, Vector128.Create(low)) & Vector128.LessThanOrEqual(values, Vector128.Create(high));
            found |= (ulong)matches.ExtractMostSignificantBits() << i;
        }
        return found;
    }
}

/// <summary>In a set of small numbers, a bit each.</summary>
internal readonly ref struct SetOfLongs(ReadOnlySpan<ulong> set) : ILongTest
{
    private readonly ReadOnlySpan<ulong> set = set;

    public void Test(scoped ReadOnlySpan<long> values, scoped Span<ulong> bits, SimdLevel level)
    {
        for (var first = 0; first < values.Length; first += 64)
        {
            ulong found = 0;
            for (var i = first; i < Math.Min(values.Length, first + 64); i++)
            {
                var at = (ulong)values[i] >> 6;
                if (at < (ulong)set.Length) found |= (set[(int)at] >> (int)(values[i] & 63) & 1) << (i - first);
            }
            bits[first / 64] = found;
        }
    }
}
