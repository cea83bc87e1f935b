// Gzip on whole bodies, bounded: a small request can't blow up into memory.
using System.IO.Compression;

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
    /// <summary>Appends the decompressed body to <paramref name="output"/>, at most <paramref name="maxBytes"/> of it.</summary>
    public static GzipOutcome Decompress(ReadOnlyMemory<byte> compressed, int maxBytes, PooledBuffer output)
    {
        var start = output.Length;
        if (!System.Runtime.InteropServices.MemoryMarshal.TryGetArray(compressed, out var segment)) segment = compressed.ToArray();
        if (segment.Count == 0) return GzipOutcome.Corrupt;
        try
        {
            using var input = new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false);
            using var gzip = new GZipStream(input, CompressionMode.Decompress);
            // The trailer holds the length modulo 2^32: a hint that spares regrowing, believed only within reason.
            var hint = segment.Count >= 8 ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(segment.AsSpan(segment.Count - 4)) : 0;
            var expected = (int)Math.Min(hint, Math.Min((long)maxBytes, (long)segment.Count * 32)) + 1;
            while (true)
            {
                var read = gzip.Read(output.GetSpan(Math.Max(expected - (output.Length - start), 4096)));
                if (read == 0) return output.Length == start && hint != 0 ? GzipOutcome.Corrupt : GzipOutcome.Ok;
                output.Advance(read);
                if (output.Length - start > maxBytes) return GzipOutcome.TooLarge;
            }
        }
        catch (InvalidDataException)
        {
            return GzipOutcome.Corrupt;
        }
    }
}
