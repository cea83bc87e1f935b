// Whether a segment may have a trace, from a little over a byte per trace in memory: what lets a look-up pass over nearly all segments.
using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Waymark.Storage.Segments;

/// <summary>
/// A binary fuse filter (Graf and Lemire, "Binary Fuse Filters: Fast and Smaller Than Xor Filters", 2022) of 8-bit fingerprints: a hash names one cell in each of three neighbouring
/// segments of cells, and the three XORed are its fingerprint. Never a wrong no; a wrong yes for one hash in 256. Any number of threads.
/// </summary>
internal sealed class TraceFilter
{
    internal const int HeaderBytes = 24;
    internal const int MaxLengthBits = 18;

    private readonly byte[] section;
    private readonly CellPlaces places;
    private readonly ulong seed;

    /// <summary>From the section's bytes, whose checksum has been verified. Throws <see cref="CorruptFileException"/> if they contradict themselves.</summary>
    public TraceFilter(byte[] section, string path)
    {
        this.section = section;
        if (section.Length < HeaderBytes) throw new CorruptFileException(path, 0, "trace filter: too short");
        var (lengthBits, segments) = (section[4], BinaryPrimitives.ReadUInt32LittleEndian(section.AsSpan(16)));
        if (lengthBits > MaxLengthBits || segments == 0 || HeaderBytes + ((segments + 2L) << lengthBits) != section.Length) throw new CorruptFileException(path, 0, "trace filter: lengths disagree");
        seed = BinaryPrimitives.ReadUInt64LittleEndian(section.AsSpan(8));
        places = new CellPlaces(lengthBits, segments);
    }

    /// <summary>What it takes in memory.</summary>
    public int Bytes => section.Length;

    public bool MayHave(ulong hash)
    {
        if (seed != 0) hash = TraceHash.Mix(hash ^ seed);
        return Misses(section.AsSpan(HeaderBytes), places, hash) == 0;
    }

    /// <summary>
    /// Positions of the hashes that may be here, ascending: all that are, and one in 256 of the others. <paramref name="positions"/> has room for all hashes. Hashes in ascending order walk
    /// through the cells front to back.
    /// </summary>
    public int Candidates(ReadOnlySpan<ulong> hashes, Span<int> positions)
    {
        positions = positions[..hashes.Length];
        // In registers: the compiler can't know that nobody changes the fields meanwhile.
        var (windows, mixing) = (places, seed);
        var cells = (ReadOnlySpan<byte>)section.AsSpan(HeaderBytes);
        var found = 0;
        for (var i = 0; i < hashes.Length; i++)
        {
            var hash = hashes[i];
            if (mixing != 0) hash = TraceHash.Mix(hash ^ mixing);
            // Written always, kept when it matches: a branch that is taken once in 256 times, unpredictably, costs more than the store. found <= i.
            positions[found] = i;
            found += Misses(cells, windows, hash) == 0 ? 1 : 0;
        }
        return found;
    }

    /// <summary>0 where the cells give the fingerprint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Misses(ReadOnlySpan<byte> cells, CellPlaces places, ulong hash)
    {
        var (a, b, c) = places.Of(hash);
        return Fingerprint(hash) ^ cells[a] ^ cells[b] ^ cells[c];
    }

    internal static byte Fingerprint(ulong hash) => (byte)(hash ^ (hash >> 32));

    /// <summary>The section for a segment's hashes, null when there is none to be had: hashes that no seed spreads.</summary>
    public static byte[]? Build(ReadOnlySpan<ulong> ascending)
    {
        using var builder = new TraceFilterBuilder(ascending);
        return builder.Build();
    }
}

/// <summary>Where the cells of a hash are: a window of three segments by its upper bits, one cell in each by lower ones.</summary>
internal readonly struct CellPlaces(int lengthBits, uint segments)
{
    private readonly ulong windows = (ulong)segments << lengthBits;
    private readonly uint length = 1u << lengthBits;
    private readonly uint mask = (1u << lengthBits) - 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (int A, int B, int C) Of(ulong hash)
    {
        var first = (uint)(((hash >> 32) * windows) >> 32);
        return ((int)first, (int)((first + length) ^ ((uint)(hash >> 18) & mask)), (int)((first + (2 * length)) ^ ((uint)hash & mask)));
    }
}

/// <summary>Finds cells for hashes by peeling: a cell that one hash alone names settles that hash, which frees its other cells; in reverse order every hash then has a cell of its own to set.</summary>
internal sealed class TraceFilterBuilder : IDisposable
{
    /// <summary>One try nearly always does for thousands of hashes, a few for a handful. Only what isn't spread at all needs more.</summary>
    private const int MaxTries = 64;

    private readonly ulong[] hashes;
    private readonly int count;
    private readonly int lengthBits;
    private readonly uint segments;
    private readonly CellPlaces places;
    private readonly int cells;
    private readonly byte[] counts;
    private readonly ulong[] sums;
    private readonly uint[] alone;
    private readonly ulong[] settled;
    private readonly byte[] sides;

    public TraceFilterBuilder(ReadOnlySpan<ulong> ascending)
    {
        hashes = ArrayPool<ulong>.Shared.Rent(ascending.Length);
        foreach (var hash in ascending)
        {
            // Two ids of the same hash are one to the filter.
            if (count == 0 || hashes[count - 1] != hash) hashes[count++] = hash;
        }
        (lengthBits, segments) = Shape(count);
        places = new CellPlaces(lengthBits, segments);
        cells = checked((int)((segments + 2) << lengthBits));
        counts = ArrayPool<byte>.Shared.Rent(cells);
        sums = ArrayPool<ulong>.Shared.Rent(cells);
        // One more: a cell is written behind the queue before it is known whether it belongs there.
        alone = ArrayPool<uint>.Shared.Rent(cells + 1);
        settled = ArrayPool<ulong>.Shared.Rent(count);
        sides = ArrayPool<byte>.Shared.Rent(count);
    }

    public byte[]? Build()
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var seed = attempt == 0 ? 0 : TraceHash.Mix((ulong)attempt);
            if (!TryPeel(seed)) continue;
            var section = new byte[TraceFilter.HeaderBytes + cells];
            BinaryPrimitives.WriteUInt32LittleEndian(section, (uint)count);
            section[4] = (byte)lengthBits;
            BinaryPrimitives.WriteUInt64LittleEndian(section.AsSpan(8), seed);
            BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(16), segments);
            Fill(section.AsSpan(TraceFilter.HeaderBytes));
            return section;
        }
        return null;
    }

    public void Dispose()
    {
        ArrayPool<ulong>.Shared.Return(hashes);
        ArrayPool<byte>.Shared.Return(counts);
        ArrayPool<ulong>.Shared.Return(sums);
        ArrayPool<uint>.Shared.Return(alone);
        ArrayPool<ulong>.Shared.Return(settled);
        ArrayPool<byte>.Shared.Return(sides);
    }

    /// <summary>The paper's sizes for three cells a hash: segments grow with the number of hashes, the room to spare shrinks towards an eighth.</summary>
    private static (int LengthBits, uint Segments) Shape(int count)
    {
        if (count < 2) return (2, 1);
        var bits = Math.Clamp((int)Math.Floor((Math.Log(count) / Math.Log(3.33)) + 2.25), 2, TraceFilter.MaxLengthBits);
        var factor = Math.Max(1.125, 0.875 + (0.25 * Math.Log(1_000_000) / Math.Log(count)));
        var wanted = (long)Math.Round(count * factor);
        return (bits, (uint)Math.Max(1, ((wanted + (1L << bits) - 1) >> bits) - 2));
    }

    private bool TryPeel(ulong seed)
    {
        counts.AsSpan(0, cells).Clear();
        sums.AsSpan(0, cells).Clear();
        if (!TryCount(seed)) return false;
        var queued = 0;
        for (var cell = 0; cell < cells; cell++)
        {
            alone[queued] = (uint)cell;
            queued += counts[cell] >> 2 == 1 ? 1 : 0;
        }
        var done = 0;
        while (queued > 0)
        {
            var cell = alone[--queued];
            if (counts[cell] >> 2 != 1) continue;
            var hash = sums[cell];
            var side = counts[cell] & 3;
            settled[done] = hash;
            sides[done++] = (byte)side;
            var (a, b, c) = places.Of(hash);
            if (side != 0) Take(a, 0, hash, ref queued);
            if (side != 1) Take(b, 1, hash, ref queued);
            if (side != 2) Take(c, 2, hash, ref queued);
            counts[cell] = 0;
        }
        return done == count;
    }

    /// <summary>Per cell how many hashes name it (times four), the XOR of which of their cells it is, and the XOR of the hashes. False when one cell has more than fit.</summary>
    private bool TryCount(ulong seed)
    {
        var full = 0;
        for (var i = 0; i < count; i++)
        {
            var hash = seed == 0 ? hashes[i] : TraceHash.Mix(hashes[i] ^ seed);
            var (a, b, c) = places.Of(hash);
            counts[a] += 4;
            sums[a] ^= hash;
            counts[b] = (byte)((counts[b] + 4) ^ 1);
            sums[b] ^= hash;
            counts[c] = (byte)((counts[c] + 4) ^ 2);
            sums[c] ^= hash;
            full |= (counts[a] < 4 ? 1 : 0) | (counts[b] < 4 ? 1 : 0) | (counts[c] < 4 ? 1 : 0);
        }
        return full == 0;
    }

    private void Take(int cell, int side, ulong hash, ref int queued)
    {
        alone[queued] = (uint)cell;
        queued += counts[cell] >> 2 == 2 ? 1 : 0;
        counts[cell] = (byte)((counts[cell] - 4) ^ side);
        sums[cell] ^= hash;
    }

    private void Fill(Span<byte> into)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            var hash = settled[i];
            var (a, b, c) = places.Of(hash);
            var own = sides[i] switch { 0 => a, 1 => b, _ => c };
            // Its own cell is still 0.
            into[own] = (byte)(TraceFilter.Fingerprint(hash) ^ into[a] ^ into[b] ^ into[c]);
        }
    }
}
