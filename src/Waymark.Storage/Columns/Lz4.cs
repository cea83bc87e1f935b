// The LZ4 block format: literals and back references, no entropy coding. Fast enough for whatever is read while someone waits.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Waymark.Storage.Columns;

/// <summary>
/// Blocks as the public description of the format has them, without a frame: how long the plain bytes are, the surrounding structure says. Decompressing trusts nothing; neither way allocates.
/// </summary>
internal static class Lz4
{
    private const int MinMatch = 4;
    private const int MaxOffset = 65_535;

    /// <summary>The format's end rules: the last 5 bytes are literals, and the last match begins at least 12 bytes before the end.</summary>
    private const int LastLiterals = 5;
    private const int MatchMargin = 12;

    /// <summary>16 KiB of positions: half of a first-level cache, so that the text has the other half.</summary>
    private const int HashBits = 12;

    /// <summary>After 2^6 fruitless positions the search takes two at a time, after as many again three: bytes without repeats are passed over quickly.</summary>
    private const int SkipBits = 6;

    /// <summary>What compressing may need at most: one length byte per 255 literals.</summary>
    public static int MaxCompressedBytes(int plain) => checked(plain + (plain / 255) + 16);

    /// <summary>Compresses into a span of at least <see cref="MaxCompressedBytes"/>; the bytes written.</summary>
    public static int Compress(ReadOnlySpan<byte> plain, Span<byte> into)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(into.Length, MaxCompressedBytes(plain.Length));
        Span<int> table = stackalloc int[1 << HashBits];
        table.Clear();
        // References rather than slices in the search: every position read lies at least 12 bytes before the end.
        ref var source = ref MemoryMarshal.GetReference(plain);
        var at = 1;
        var anchor = 0;
        var written = 0;
        var lastStart = plain.Length - MatchMargin;
        while (at <= lastStart)
        {
            int candidate;
            for (var step = 1 << SkipBits; ; step++)
            {
                var word = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, at));
                ref var slot = ref table[(int)((word * 2_654_435_761U) >> (32 - HashBits))];
                candidate = slot;
                slot = at;
                // An empty slot says 0, which is a place like any other.
                if (at - candidate <= MaxOffset && Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, candidate)) == word) break;
                at += step >> SkipBits;
                if (at > lastStart) return written + Last(plain[anchor..], into[written..]);
            }
            while (at > anchor && candidate > 0 && plain[at - 1] == plain[candidate - 1])
            {
                at--;
                candidate--;
            }
            var length = MinMatch + plain[(at + MinMatch)..^LastLiterals].CommonPrefixLength(plain[(candidate + MinMatch)..]);
            written += Sequence(plain[anchor..at], at - candidate, length, into[written..]);
            at += length;
            anchor = at;
            if (at > lastStart) break;
            // The end of a match is where the next one likely begins in the next repeat.
            var end = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, at - 2));
            table[(int)((end * 2_654_435_761U) >> (32 - HashBits))] = at - 2;
        }
        return written + Last(plain[anchor..], into[written..]);
    }

    /// <summary>Fills all of <paramref name="into"/>. False: the bytes are no such block, or one of another length.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> stored, Span<byte> into)
    {
        var from = 0;
        var to = 0;
        while (from < stored.Length)
        {
            int token = stored[from++];
            var literals = token >> 4;
            if (literals == 15 && !TryExtend(stored, ref from, into.Length - to, ref literals)) return false;
            if (literals > stored.Length - from || literals > into.Length - to) return false;
            if (literals <= 16 && from + 16 <= stored.Length && to + 16 <= into.Length)
            {
                // Bytes beyond the literals are written over by what follows.
                Vector128.Create(stored.Slice(from, 16)).CopyTo(into[to..]);
            }
            else
            {
                stored.Slice(from, literals).CopyTo(into[to..]);
            }
            from += literals;
            to += literals;
            if (from == stored.Length) return to == into.Length;
            if (stored.Length - from < 2) return false;
            int offset = BinaryPrimitives.ReadUInt16LittleEndian(stored[from..]);
            from += 2;
            if (offset == 0 || offset > to) return false;
            var length = token & 15;
            if (length == 15 && !TryExtend(stored, ref from, into.Length - to, ref length)) return false;
            length += MinMatch;
            if (length > into.Length - to) return false;
            Repeat(into, to, offset, length);
            to += length;
        }
        return false;
    }

    /// <summary>Copies from <paramref name="offset"/> bytes back; where that overlaps, the bytes repeat.</summary>
    private static void Repeat(Span<byte> into, int to, int offset, int length)
    {
        if (offset >= 16 && length <= 16 && to + 16 <= into.Length)
        {
            Vector128.Create(into.Slice(to - offset, 16)).CopyTo(into[to..]);
            return;
        }
        // Each round doubles what can be copied at once.
        while (length > offset)
        {
            into.Slice(to - offset, offset).CopyTo(into[to..]);
            to += offset;
            length -= offset;
            offset *= 2;
        }
        into.Slice(to - offset, length).CopyTo(into[to..]);
    }

    /// <summary>Adds the length bytes that follow a full half token; false where they end early or say more than <paramref name="most"/>.</summary>
    private static bool TryExtend(ReadOnlySpan<byte> stored, ref int from, int most, ref int length)
    {
        while (from < stored.Length)
        {
            var more = stored[from++];
            length += more;
            if (length > most) return false;
            if (more < 255) return true;
        }
        return false;
    }

    private static int Sequence(ReadOnlySpan<byte> literals, int offset, int length, Span<byte> into)
    {
        var rest = length - MinMatch;
        var written = Literals(literals, Math.Min(rest, 15), into);
        BinaryPrimitives.WriteUInt16LittleEndian(into[written..], (ushort)offset);
        written += 2;
        return rest < 15 ? written : written + Length(rest - 15, into[written..]);
    }

    private static int Last(ReadOnlySpan<byte> literals, Span<byte> into) => Literals(literals, 0, into);

    private static int Literals(ReadOnlySpan<byte> literals, int lowHalf, Span<byte> into)
    {
        into[0] = (byte)((Math.Min(literals.Length, 15) << 4) | lowHalf);
        var written = literals.Length < 15 ? 1 : 1 + Length(literals.Length - 15, into[1..]);
        literals.CopyTo(into[written..]);
        return written + literals.Length;
    }

    private static int Length(int rest, Span<byte> into)
    {
        var written = 0;
        for (; rest >= 255; rest -= 255) into[written++] = 255;
        into[written++] = (byte)rest;
        return written;
    }
}
