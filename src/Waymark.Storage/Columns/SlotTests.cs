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
        for (var i = 0; i < words.Length; i++) words[i] = WideTableSlot.Word(set, min + (i * 32L));
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

/// <summary>In a table of up to 1,024 bits: each value is looked up in four tables, and its two highest bits say which look-up counts. For eight values at a time.</summary>
internal readonly struct WideTableSlot : ISlotTest
{
    private readonly Vector256<uint> first;
    private readonly Vector256<uint> second;
    private readonly Vector256<uint> third;
    private readonly Vector256<uint> fourth;
    private readonly bool isHalf;

    private WideTableSlot(ReadOnlySpan<uint> words, bool isHalf)
    {
        (first, second, third, fourth) = (Vector256.Create(words), Vector256.Create(words[8..]), Vector256.Create(words[16..]), Vector256.Create(words[24..]));
        this.isHalf = isHalf;
    }

    /// <summary>The part of a set from <paramref name="min"/> on, for values of at most ten bits.</summary>
    public static WideTableSlot Of(ReadOnlySpan<ulong> set, long min, int width)
    {
        Span<uint> words = stackalloc uint[32];
        for (var i = 0; i < words.Length; i++) words[i] = Word(set, min + (i * 32L));
        return new WideTableSlot(words, width <= 9);
    }

    /// <summary>Thirty-two bits of a set from <paramref name="from"/> on; what lies outside is not in it.</summary>
    internal static uint Word(ReadOnlySpan<ulong> set, long from)
    {
        if (from >= 0)
        {
            var (at, shift) = (from >> 6, (int)(from & 63));
            var low = at < set.Length ? set[(int)at] >> shift : 0;
            if (shift > 32 && at + 1 < set.Length) low |= set[(int)at + 1] << (64 - shift);
            return (uint)low;
        }
        uint word = 0;
        for (var bit = 0; bit < 32; bit++)
        {
            var value = from + bit;
            if (value >= 0 && value >> 6 < set.Length && (set[(int)(value >> 6)] >> (int)(value & 63) & 1) != 0) word |= 1u << bit;
        }
        return word;
    }

    /// <summary>Not asked at this width.</summary>
    public (Vector512<uint> A, Vector512<uint> B) Prepare512() => default;

    public (Vector256<uint> A, Vector256<uint> B) Prepare256() => (first, second);

    /// <summary>Not asked at this width.</summary>
    public (Vector128<uint> A, Vector128<uint> B) Prepare128() => default;

    public ulong Test(Vector512<uint> values, (Vector512<uint> A, Vector512<uint> B) prepared) => Test(values.GetLower(), Prepare256()) | (Test(values.GetUpper(), Prepare256()) << 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Test(Vector256<uint> values, (Vector256<uint> A, Vector256<uint> B) prepared)
    {
        // A permutation looks at the three lowest bits of a value's word number, a selection at the sign.
        var at = values >>> 5;
        var bit8 = (values << 23).AsSingle();
        var word = Avx.BlendVariable(Avx2.PermuteVar8x32(prepared.A, at).AsSingle(), Avx2.PermuteVar8x32(prepared.B, at).AsSingle(), bit8);
        if (!isHalf)
        {
            var high = Avx.BlendVariable(Avx2.PermuteVar8x32(third, at).AsSingle(), Avx2.PermuteVar8x32(fourth, at).AsSingle(), bit8);
            word = Avx.BlendVariable(word, high, (values << 22).AsSingle());
        }
        return Avx2.ShiftLeftLogicalVariable(word.AsUInt32(), Vector256.AndNot(Vector256.Create(31u), values)).ExtractMostSignificantBits();
    }

    public ulong Test(Vector128<uint> values, (Vector128<uint> A, Vector128<uint> B) prepared)
    {
        ulong found = 0;
        for (var lane = 0; lane < 4; lane++) found |= Test(values[lane]) ? 1UL << lane : 0;
        return found;
    }

    public bool Test(uint value)
    {
        var table = (value >> 8) switch { 0 => first, 1 => second, 2 => third, 3 => fourth, _ => default };
        return (table[(int)(value >> 5 & 7)] >> (int)(value & 31) & 1) != 0;
    }
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
