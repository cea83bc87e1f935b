// Bytes of the log, as docs/formats/wal.md lays them down: the file header and the record header, written and read.
using System.Buffers.Binary;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Wal;

/// <summary>Sizes, names and helpers of the log's format.</summary>
internal static class WalFormat
{
    public const int FileHeaderBytes = 64;
    public const int RecordHeaderBytes = 64;

    /// <summary>The length field counts from here to the end of the payload.</summary>
    public const int LengthFrom = 8;

    /// <summary>Largest payload of one record: far above any admitted request, far below what would not fit an array.</summary>
    public const int MaxPayloadBytes = 512 << 20;

    public const byte KindBody = 1;
    public const byte KindCarryOver = 2;
    public const string Extension = ".wal";

    /// <summary>Suffix of a file with damaged records: still replayed, never deleted by the store.</summary>
    public const string DamagedExtension = ".wal.damaged";

    public static string FileName(ulong firstSequence) => $"{firstSequence:x16}{Extension}";

    /// <summary>The first sequence in the name of a log file; false for other files.</summary>
    public static bool TryParseName(string path, out ulong firstSequence)
    {
        var name = Path.GetFileName(path.AsSpan());
        firstSequence = 0;
        if (name.EndsWith(DamagedExtension, StringComparison.Ordinal)) name = name[..^DamagedExtension.Length];
        else if (name.EndsWith(Extension, StringComparison.Ordinal)) name = name[..^Extension.Length];
        else return false;
        return name.Length == 16 && ulong.TryParse(name, System.Globalization.NumberStyles.AllowHexSpecifier, null, out firstSequence);
    }

    public static long Align(long bytes) => (bytes + 7) & ~7L;

    /// <summary>Bytes of the file that a record with this payload takes, padding included.</summary>
    public static long RecordBytes(int payloadBytes) => Align(RecordHeaderBytes + (long)payloadBytes);

    /// <summary>Record checksums start from this, so that a record of another store is never taken for one of ours.</summary>
    public static uint Seed(Guid storeId)
    {
        Span<byte> bytes = stackalloc byte[16];
        storeId.TryWriteBytes(bytes);
        return Crc32C.Compute(bytes);
    }
}

/// <summary>What the first 64 bytes of a file are.</summary>
internal enum WalHeaderState
{
    Good,

    /// <summary>Too short, wrong magic or wrong checksum: never finished, or damaged.</summary>
    Unreadable,

    /// <summary>A major version this build does not know.</summary>
    OtherVersion,
}

/// <summary>The header of a log file.</summary>
/// <param name="Follows">The highest sequence written well before this file was made. Earlier files' records above it do not count.</param>
internal readonly record struct WalFileHeader(Guid StoreId, ulong FirstSequence, ulong Follows, UnixNanos CreatedAt)
{
    private const ushort Major = 1;
    private const ushort Minor = 1;

    private static ReadOnlySpan<byte> Magic => "WAYMWAL\n"u8;

    public void Write(Span<byte> header)
    {
        header[..WalFormat.FileHeaderBytes].Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Major);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], Minor);
        StoreId.TryWriteBytes(header[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], FirstSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], Follows);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], CreatedAt.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(header[60..], Crc32C.Compute(header[..60]));
    }

    public static WalHeaderState Read(ReadOnlySpan<byte> header, out WalFileHeader result)
    {
        result = default;
        if (header.Length < WalFormat.FileHeaderBytes || !header.StartsWith(Magic)) return WalHeaderState.Unreadable;
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[60..]) != Crc32C.Compute(header[..60])) return WalHeaderState.Unreadable;
        if (BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) != Major) return WalHeaderState.OtherVersion;
        result = new WalFileHeader(
            new Guid(header[16..32]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[40..]),
            new UnixNanos(BinaryPrimitives.ReadInt64LittleEndian(header[48..])));
        return WalHeaderState.Good;
    }
}

/// <summary>The fixed part of a record.</summary>
internal readonly record struct WalRecordHeader(
    ulong Sequence,
    byte Kind,
    BodyKind BodyKind,
    BodyCodec Codec,
    bool Reencoded,
    uint Tenant,
    UnixNanos ReceivedAt,
    UInt128 Fingerprint,
    int BodyLength,
    int SpanCount,
    int PayloadLength)
{
    private const byte ReencodedFlag = 1;

    /// <summary>Bytes of the file, padding included.</summary>
    public long RecordBytes => WalFormat.RecordBytes(PayloadLength);

    /// <summary>Writes the 64 bytes in front of <paramref name="payload"/>, checksums included.</summary>
    public void Write(Span<byte> header, ReadOnlySpan<byte> payload, uint seed)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)(WalFormat.RecordHeaderBytes - WalFormat.LengthFrom + payload.Length));
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], Sequence);
        header[16] = Kind;
        header[17] = (byte)BodyKind;
        header[18] = (byte)Codec;
        header[19] = Reencoded ? ReencodedFlag : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], Tenant);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], ReceivedAt.Value);
        BinaryPrimitives.WriteUInt128LittleEndian(header[32..], Fingerprint);
        BinaryPrimitives.WriteInt32LittleEndian(header[48..], BodyLength);
        BinaryPrimitives.WriteInt32LittleEndian(header[52..], SpanCount);
        BinaryPrimitives.WriteUInt32LittleEndian(header[56..], HeaderChecksum(header, seed));
        BinaryPrimitives.WriteUInt32LittleEndian(header[60..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], RecordChecksum(header, payload, seed));
    }

    /// <summary>Reads a header whose own checksum is right: from then on its length can be trusted.</summary>
    public static bool TryRead(ReadOnlySpan<byte> header, uint seed, out WalRecordHeader result)
    {
        result = default;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        const int Fixed = WalFormat.RecordHeaderBytes - WalFormat.LengthFrom;
        if (length is < Fixed or > Fixed + WalFormat.MaxPayloadBytes) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[56..]) != HeaderChecksum(header, seed)) return false;
        result = new WalRecordHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
            header[16],
            (BodyKind)header[17],
            (BodyCodec)header[18],
            (header[19] & ReencodedFlag) != 0,
            BinaryPrimitives.ReadUInt32LittleEndian(header[20..]),
            new UnixNanos(BinaryPrimitives.ReadInt64LittleEndian(header[24..])),
            BinaryPrimitives.ReadUInt128LittleEndian(header[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[48..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[52..]),
            (int)length - Fixed);
        return true;
    }

    public static bool Matches(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, uint seed) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == RecordChecksum(header, payload, seed);

    private static uint HeaderChecksum(ReadOnlySpan<byte> header, uint seed) => Crc32C.Compute(header[8..56], Crc32C.Compute(header[..4], seed));

    private static uint RecordChecksum(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, uint seed) =>
        Crc32C.Compute(payload, Crc32C.Compute(header[8..64], seed));
}
