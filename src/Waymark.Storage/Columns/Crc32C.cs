// CRC-32C (Castagnoli): the checksum of every page, record and header the store writes.
using System.Numerics;
using System.Runtime.InteropServices;

namespace Waymark.Storage.Columns;

/// <summary>CRC-32C with the usual initial value and final inversion; hardware instructions where the processor has them.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of bytes that follow those which gave <paramref name="seed"/> (0: nothing before).</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint seed = 0)
    {
        var crc = ~seed;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes)) crc = BitOperations.Crc32C(crc, word);
        foreach (var single in bytes[(bytes.Length & ~7)..]) crc = BitOperations.Crc32C(crc, single);
        return ~crc;
    }
}
