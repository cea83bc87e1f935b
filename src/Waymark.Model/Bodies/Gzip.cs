// Gzip on whole bodies, bounded: a small request can't blow up into memory.
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Waymark.Model.Bodies;

/// <summary>What came of decompressing a body.</summary>
public enum GzipOutcome
{
    Ok,

    /// <summary>The bytes are not gzip, are truncated, or fail their checksum.</summary>
    Corrupt,

    /// <summary>The decompressed body is larger than allowed; reading stopped there.</summary>
    TooLarge,
}

/// <summary>Gzip (RFC 1952) decompression into a pooled buffer.</summary>
public static class Gzip
{
    // Header (10), an empty deflate block (2), checksum and length (8).
    private const int MinMemberBytes = 20;
    private const int TrailerBytes = 8;

    // Concatenated members are legal and rare. More than this is somebody trying to keep us busy.
    private const int MaxMembers = 1024;

    private static readonly uint[] CrcTable = BuildCrcTable();

    /// <summary>Appends the decompressed body to <paramref name="output"/>, at most <paramref name="maxBytes"/> of it and, to notice more, one byte beyond. What is appended is the body only when the outcome is Ok.</summary>
    public static GzipOutcome Decompress(ReadOnlyMemory<byte> compressed, int maxBytes, PooledBuffer output)
    {
        if (!MemoryMarshal.TryGetArray(compressed, out var segment)) segment = compressed.ToArray();
        if (segment.Count < MinMemberBytes) return GzipOutcome.Corrupt;
        var start = output.Length;
        // The trailer holds the length modulo 2^32: a hint that spares regrowing, believed only within reason.
        var claimed = BinaryPrimitives.ReadUInt32LittleEndian(segment.AsSpan(segment.Count - 4));
        var expected = (int)Math.Min(claimed, Math.Min((long)maxBytes, (long)segment.Count * 32)) + 1;
        using var gzip = new GZipStream(new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false), CompressionMode.Decompress);
        var outcome = Inflate(gzip, expected, maxBytes, output);
        // GZipStream checks each checksum it reaches, but takes the end of its input, and anything after a member, for the end of the body.
        // One whole member ends with its own length; everything else is looked at closely.
        if (outcome != GzipOutcome.Ok || (uint)(output.Length - start) == claimed) return outcome;
        return IsWholeMembers(segment, output.WrittenSpan[start..]) ? GzipOutcome.Ok : GzipOutcome.Corrupt;
    }

    private static GzipOutcome Inflate(Stream stream, int expected, int maxBytes, PooledBuffer output)
    {
        var start = output.Length;
        try
        {
            while (true)
            {
                var room = output.GetSpan(Math.Max(expected - (output.Length - start), 4096));
                var left = maxBytes - (output.Length - start) + 1;
                var read = stream.Read(room.Length > left ? room[..left] : room);
                if (read == 0) return GzipOutcome.Ok;
                output.Advance(read);
                if (output.Length - start > maxBytes) return GzipOutcome.TooLarge;
            }
        }
        catch (InvalidDataException)
        {
            return GzipOutcome.Corrupt;
        }
    }

    /// <summary>True when the compressed bytes are complete members, one after the other and nothing else, that decompress to <paramref name="body"/>.</summary>
    private static bool IsWholeMembers(ArraySegment<byte> compressed, ReadOnlySpan<byte> body)
    {
        using var member = new PooledBuffer();
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        for (var members = 0; compressed.Count > 0; members++)
        {
            var header = HeaderLength(compressed);
            if (header < 0 || members == MaxMembers) return false;
            member.Clear();
            using var deflate = new DeflateStream(new MemoryStream(compressed.Array!, compressed.Offset + header, compressed.Count - header, writable: false), CompressionMode.Decompress);
            if (Inflate(deflate, 0, body.Length, member) != GzipOutcome.Ok) return false;
            // DeflateStream does not say where the member ended. Its checksum and length, which must follow, do.
            BinaryPrimitives.WriteUInt32LittleEndian(trailer, Crc(member.WrittenSpan));
            BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], (uint)member.Length);
            var end = compressed.AsSpan(header).IndexOf(trailer);
            if (end < 0 || !body.StartsWith(member.WrittenSpan)) return false;
            body = body[member.Length..];
            compressed = compressed[(header + end + TrailerBytes)..];
        }

        return body.IsEmpty;
    }

    /// <summary>Bytes before the deflate data of a member, or -1.</summary>
    private static int HeaderLength(ReadOnlySpan<byte> member)
    {
        const int HeaderChecksum = 2, Extra = 4, Name = 8, Comment = 16;
        if (member.Length < MinMemberBytes || member[0] != 0x1F || member[1] != 0x8B || member[2] != 8) return -1;
        var flags = member[3];
        var length = 10;
        if ((flags & Extra) != 0) length += 2 + BinaryPrimitives.ReadUInt16LittleEndian(member[length..]);
        for (var text = Name; text <= Comment; text <<= 1)
        {
            if ((flags & text) == 0) continue;
            var end = length < member.Length ? member[length..].IndexOf((byte)0) : -1;
            if (end < 0) return -1;
            length += end + 1;
        }

        if ((flags & HeaderChecksum) != 0) length += 2;
        return length + TrailerBytes <= member.Length ? length : -1;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = CrcTable[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] BuildCrcTable()
    {
        // CRC-32 of RFC 1952 §8: reflected polynomial 0xEDB88320.
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            table[i] = crc;
        }

        return table;
    }
}
