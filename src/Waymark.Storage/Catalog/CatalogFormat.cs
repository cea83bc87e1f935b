// Bytes of the manifest, as docs/formats/manifest.md lays them down.
using System.Buffers.Binary;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Retries;

namespace Waymark.Storage.Catalog;

/// <summary>Sizes and the file header.</summary>
internal static class CatalogFormat
{
    public const int HeaderBytes = 64;

    /// <summary>Length, checksum and edit number in front of each record's payload.</summary>
    public const int RecordHeaderBytes = 16;

    public const int ItemHeaderBytes = 8;
    public const int SegmentBytes = 68;
    public const int RetryBytes = 28;

    /// <summary>A manifest beyond this is refused: two million segments or 38 million retries are far above every limit.</summary>
    public const long MaxBytes = 1L << 30;

    private const ushort Major = 1;
    private const ushort Minor = 1;

    private static ReadOnlySpan<byte> Magic => "WAYMMAN\n"u8;

    public static int Align(int bytes) => (bytes + 7) & ~7;

    public static void WriteHeader(Span<byte> header, Guid storeId, UnixNanos created)
    {
        header[..HeaderBytes].Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Major);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], Minor);
        storeId.TryWriteBytes(header[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], created.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(header[60..], Crc32C.Compute(header[..60]));
    }

    /// <summary>False when the header is damaged. Throws <see cref="IOException"/> for another major version.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, string path, out Guid storeId, out UnixNanos created)
    {
        (storeId, created) = (default, default);
        if (bytes.Length < HeaderBytes || !bytes.StartsWith(Magic)) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..]) != Crc32C.Compute(bytes[..60])) return false;
        var major = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (major != Major) throw new IOException($"Manifest {path} is of format version {major}; this build reads version {Major}. A newer Waymark wrote it.");
        storeId = new Guid(bytes[16..32]);
        created = new UnixNanos(BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]));
        return true;
    }

    /// <summary>Reads the record at an offset; false when there is none with a right checksum.</summary>
    public static bool TryReadRecord(ReadOnlySpan<byte> file, int offset, out ulong number, out ReadOnlySpan<byte> payload)
    {
        number = 0;
        payload = default;
        if (offset > file.Length - RecordHeaderBytes) return false;
        var record = file[offset..];
        var length = BinaryPrimitives.ReadUInt32LittleEndian(record);
        if (length < 8 || length > record.Length - 8) return false;
        var covered = record.Slice(8, (int)length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) != Crc32C.Compute(covered)) return false;
        number = BinaryPrimitives.ReadUInt64LittleEndian(covered);
        payload = covered[8..];
        return true;
    }

    public static int RecordBytes(int payloadBytes) => Align(RecordHeaderBytes + payloadBytes);
}

/// <summary>What an item of a record is. Numbers stand in files: never renumber.</summary>
internal enum CatalogItem : ushort
{
    SegmentAdded = 1,
    SegmentDropped = 2,
    LogCovered = 3,
    RetryFingerprints = 4,

    /// <summary>Reserved: what a settle took.</summary>
    TracesSettled = 5,

    /// <summary>The next segment id to give out: ids of dropped segments are never used again.</summary>
    NextSegmentId = 6,

    /// <summary>In each snapshot, so that a damaged file header does not cost the store its identity.</summary>
    StoreId = 7,

    /// <summary>In snapshots, while what a damaged manifest may have lost track of has not been set aside.</summary>
    Damaged = 8,

    /// <summary>The log's carry-over record that counts. Not optional: whoever skipped it would lose its spans.</summary>
    LogCarried = 9,
}

/// <summary>Writes one record: items in, then the finished bytes with number, checksum and padding.</summary>
internal sealed class CatalogRecordWriter : IDisposable
{
    private const ushort Optional = 1;

    private readonly PooledBuffer buffer = new();

    public CatalogRecordWriter() => Append(CatalogFormat.RecordHeaderBytes).Clear();

    public void Segment(SegmentEntry segment)
    {
        var bytes = Item(CatalogItem.SegmentAdded, 0, CatalogFormat.SegmentBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, segment.Id);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], segment.Bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], segment.Spans);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], segment.Traces);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], segment.MinStart.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], segment.MaxStart.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], segment.MinReceived.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[56..], segment.MaxReceived.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[64..], segment.Tenant);
    }

    public void Number(CatalogItem item, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Item(item, 0, 8), value);

    public void StoreId(Guid id) => id.TryWriteBytes(Item(CatalogItem.StoreId, Optional, 16));

    public void Damaged() => Item(CatalogItem.Damaged, Optional, 0);

    /// <summary>Retries, already encoded.</summary>
    public void Retries(ReadOnlySpan<byte> encoded) => encoded.CopyTo(Item(CatalogItem.RetryFingerprints, Optional, encoded.Length));

    public static byte[] Encode(ReadOnlySpan<RetryEntry> retries)
    {
        var bytes = new byte[retries.Length * CatalogFormat.RetryBytes];
        var at = bytes.AsSpan();
        foreach (var retry in retries)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(at, retry.Tenant);
            BinaryPrimitives.WriteInt64LittleEndian(at[4..], retry.At.Value);
            BinaryPrimitives.WriteUInt128LittleEndian(at[12..], retry.Fingerprint);
            at = at[CatalogFormat.RetryBytes..];
        }

        return bytes;
    }

    public static RetryEntry DecodeRetry(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt128LittleEndian(bytes[12..]),
        new UnixNanos(BinaryPrimitives.ReadInt64LittleEndian(bytes[4..])));

    /// <summary>The record's bytes, valid until disposal.</summary>
    public ReadOnlySpan<byte> Finish(ulong number)
    {
        var length = buffer.Length;
        Append(CatalogFormat.Align(length) - length).Clear();
        var record = buffer.Written;
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(length - 8));
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Crc32C.Compute(record[8..length]));
        return record;
    }

    public void Dispose() => buffer.Dispose();

    private Span<byte> Item(CatalogItem item, ushort flags, int length)
    {
        var bytes = Append(CatalogFormat.ItemHeaderBytes + length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)item);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], (uint)length);
        return bytes[CatalogFormat.ItemHeaderBytes..];
    }

    private Span<byte> Append(int count)
    {
        buffer.GetSpan(count);
        buffer.Advance(count);
        return buffer.Written[^count..];
    }
}

/// <summary>The items of a record, one after the other.</summary>
internal ref struct CatalogItemReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> rest = payload;

    public CatalogItem Item { get; private set; }
    public bool IsOptional { get; private set; }
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>True when items are left whose extent makes no sense.</summary>
    public bool IsBroken { get; private set; }

    public bool Next()
    {
        if (rest.IsEmpty) return false;
        IsBroken = rest.Length < CatalogFormat.ItemHeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) > rest.Length - CatalogFormat.ItemHeaderBytes;
        if (IsBroken) return false;
        Item = (CatalogItem)BinaryPrimitives.ReadUInt16LittleEndian(rest);
        IsOptional = (BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]) & 1) != 0;
        var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
        Bytes = rest.Slice(CatalogFormat.ItemHeaderBytes, length);
        rest = rest[(CatalogFormat.ItemHeaderBytes + length)..];
        return true;
    }

    public readonly SegmentEntry Segment() => new(
        BinaryPrimitives.ReadUInt64LittleEndian(Bytes),
        BinaryPrimitives.ReadInt64LittleEndian(Bytes[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(Bytes[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(Bytes[24..]),
        new UnixNanos(BinaryPrimitives.ReadInt64LittleEndian(Bytes[32..])),
        new UnixNanos(BinaryPrimitives.ReadInt64LittleEndian(Bytes[40..])),
        new UnixNanos(BinaryPrimitives.ReadInt64LittleEndian(Bytes[48..])),
        new UnixNanos(BinaryPrimitives.ReadInt64LittleEndian(Bytes[56..])),
        BinaryPrimitives.ReadUInt32LittleEndian(Bytes[64..]));
}
