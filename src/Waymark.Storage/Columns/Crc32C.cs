// CRC-32C (Castagnoli, as in iSCSI and ext4): the checksum of every file this store writes.
using System.Buffers.Binary;
using System.Numerics;

namespace Waymark.Storage.Columns;

/// <summary>CRC-32C with the usual inversion before and after: <c>Compute("123456789") == 0xE3069283</c>. Uses the processor's instruction where there is one.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/>; with the checksum of what came before as <paramref name="seed"/>, that of both one after the other.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint seed = 0)
    {
        var crc = ~seed;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var value in bytes) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
