// CRC-32C (Castagnoli): the checksum of every page, record and header the store writes.
using System.Numerics;
using System.Runtime.InteropServices;

namespace Waymark.Storage.Columns;

/// <summary>
/// CRC-32C with the usual initial value and final inversion; hardware instructions where the processor has them. Each of those waits for the one before it, so long inputs are read in three
/// places at once: what a part contributes is moved past the parts behind it by multiplication with a power of x, from a table.
/// </summary>
internal static class Crc32C
{
    /// <summary>Bytes of one of three parts read at a time: long against the cost of joining them, short enough for pages.</summary>
    private const int PartBytes = 512;

    private const int PartWords = PartBytes / sizeof(ulong);

    /// <summary>For each of the register's four bytes and each of its values: the register after <see cref="PartBytes"/> zeros.</summary>
    private static readonly uint[] PastPart = BuildPastPart();

    /// <summary>The checksum of bytes that follow those which gave <paramref name="seed"/> (0: nothing before).</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint seed = 0)
    {
        var crc = ~seed;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        while (words.Length >= 3 * PartWords)
        {
            crc = AddThreeParts(crc, words[..PartWords], words.Slice(PartWords, PartWords), words.Slice(2 * PartWords, PartWords));
            words = words[(3 * PartWords)..];
        }
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var single in bytes[(bytes.Length & ~7)..]) crc = BitOperations.Crc32C(crc, single);
        return ~crc;
    }

    private static uint AddThreeParts(uint crc, ReadOnlySpan<ulong> first, ReadOnlySpan<ulong> second, ReadOnlySpan<ulong> third)
    {
        uint secondCrc = 0, thirdCrc = 0;
        for (var i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
        {
            crc = BitOperations.Crc32C(crc, first[i]);
            secondCrc = BitOperations.Crc32C(secondCrc, second[i]);
            thirdCrc = BitOperations.Crc32C(thirdCrc, third[i]);
        }
        return Move(Move(crc) ^ secondCrc) ^ thirdCrc;
    }

    private static uint Move(uint crc) =>
        PastPart[(byte)crc] ^ PastPart[256 + (byte)(crc >> 8)] ^ PastPart[512 + (byte)(crc >> 16)] ^ PastPart[768 + (crc >> 24)];

    private static uint[] BuildPastPart()
    {
        // The checksum is linear: what a value becomes is the sum of what its bits become.
        Span<uint> bits = stackalloc uint[32];
        for (var bit = 0; bit < bits.Length; bit++)
        {
            var crc = 1u << bit;
            for (var word = 0; word < PartWords; word++) crc = BitOperations.Crc32C(crc, 0UL);
            bits[bit] = crc;
        }
        var table = new uint[4 * 256];
        for (var at = 0; at < table.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                if ((at >> bit & 1) != 0) table[at] ^= bits[at / 256 * 8 + bit];
            }
        }
        return table;
    }
}
