// The manifest read as it stands, record by record, without mending anything. Shared by the check of a store and the inspection of the one file.
using Waymark.Model.Spans;
using Waymark.Storage.Catalog;
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Checking;

/// <summary>One readable record.</summary>
internal readonly record struct ManifestRecord(int Offset, int Bytes, ulong Number, string Items);

/// <summary>Bytes in which no record can be read, up to one that can.</summary>
internal readonly record struct ByteRange(long From, long To);

/// <summary>What a manifest holds and where it is broken. The rules are those of <see cref="Catalog.Catalog"/>.</summary>
internal sealed class ManifestScan
{
    private ManifestScan(string path, byte[] bytes)
    {
        Path = path;
        Length = bytes.Length;
        HasHeader = CatalogFormat.TryReadHeader(bytes, path, out var storeId, out var created);
        (StoreId, Created) = (storeId, created);
        Read(bytes);
        if (!HasHeader && State.StoreId is { } noted) StoreId = noted;
    }

    public string Path { get; }
    public long Length { get; }

    /// <summary>False: the header is damaged, and <see cref="StoreId"/> is the snapshot's, or nothing.</summary>
    public bool HasHeader { get; }

    public Guid StoreId { get; }
    public UnixNanos Created { get; }

    /// <summary>What the readable records add up to.</summary>
    public CatalogState State { get; } = new();

    public List<ManifestRecord> Records { get; } = [];

    /// <summary>With a readable record after them.</summary>
    public List<ByteRange> Damaged { get; } = [];

    /// <summary>Places where an edit number was left out.</summary>
    public List<(long Offset, ulong Expected, ulong Found)> Gaps { get; } = [];

    /// <summary>Padding that is not zero.</summary>
    public List<long> Padding { get; } = [];

    /// <summary>Records that can be read but not understood, in words.</summary>
    public List<(long Offset, string What)> NotUnderstood { get; } = [];

    /// <summary>Where the readable part ends.</summary>
    public long End { get; private set; } = CatalogFormat.HeaderBytes;

    /// <summary>Neither header nor snapshot: nothing can be made of the file.</summary>
    public bool IsLost => !HasHeader && State.StoreId is null;

    public bool IsDamaged => Damaged.Count > 0 || Gaps.Count > 0 || !HasHeader || Records.Count == 0;

    /// <summary>Throws <see cref="IOException"/> when the file can't be read, or is of another major version.</summary>
    public static ManifestScan Read(IFileSystem files, string path)
    {
        using var file = files.OpenRead(path);
        if (file.Length > CatalogFormat.MaxBytes) throw new IOException($"Manifest {path} of {file.Length} bytes is beyond the limit of {CatalogFormat.MaxBytes}.");
        var bytes = new byte[file.Length];
        var read = file.Read(bytes, 0);
        return new ManifestScan(path, bytes[..read]);
    }

    private void Read(ReadOnlySpan<byte> bytes)
    {
        var offset = CatalogFormat.HeaderBytes;
        ulong number = 0, expected = 0;
        while (true)
        {
            if (!CatalogFormat.TryReadRecord(bytes, offset, out var read, out var payload) || (number > 0 && read <= number))
            {
                var found = FindNext(bytes, offset + 8, number);
                if (found < 0) break;
                Damaged.Add(new ByteRange(offset, found));
                offset = found;
                expected = 0;
                continue;
            }

            if (expected > 0 && read != expected) Gaps.Add((offset, expected, read));
            Apply(offset, payload);
            Records.Add(new ManifestRecord(offset, CatalogFormat.RecordHeaderBytes + payload.Length, read, Describe(payload)));
            number = read;
            expected = read + 1;
            var end = offset + CatalogFormat.RecordHeaderBytes + payload.Length;
            offset += CatalogFormat.RecordBytes(payload.Length);
            if (bytes[end..Math.Min(offset, bytes.Length)].ContainsAnyExcept((byte)0)) Padding.Add(end);
        }
        End = Math.Min(offset, bytes.Length);
    }

    private void Apply(long offset, ReadOnlySpan<byte> payload)
    {
        try
        {
            State.Apply(payload, Path);
        }
        catch (IOException newer)
        {
            NotUnderstood.Add((offset, newer.Message));
        }
    }

    private static int FindNext(ReadOnlySpan<byte> bytes, int from, ulong number)
    {
        for (var offset = from; offset <= bytes.Length - CatalogFormat.RecordHeaderBytes; offset += 8)
        {
            if (CatalogFormat.TryReadRecord(bytes, offset, out var read, out _) && read > number) return offset;
        }
        return -1;
    }

    /// <summary>"3 segments added, log covered" and the like.</summary>
    private static string Describe(ReadOnlySpan<byte> payload)
    {
        var counts = new SortedDictionary<CatalogItem, int>();
        var reader = new CatalogItemReader(payload);
        while (reader.Next())
        {
            var count = reader.Item == CatalogItem.RetryFingerprints ? reader.Bytes.Length / CatalogFormat.RetryBytes : 1;
            counts[reader.Item] = counts.GetValueOrDefault(reader.Item) + count;
        }
        return string.Join(", ", counts.Select(c => Words(c.Key, c.Value)));
    }

    private static string Words(CatalogItem item, int count) => item switch
    {
        CatalogItem.SegmentAdded => count == 1 ? "1 segment added" : $"{count} segments added",
        CatalogItem.SegmentDropped => count == 1 ? "1 segment dropped" : $"{count} segments dropped",
        CatalogItem.LogCovered => "log covered",
        CatalogItem.RetryFingerprints => $"{count} retry fingerprints",
        CatalogItem.NextSegmentId => "next segment id",
        CatalogItem.StoreId => "store id",
        CatalogItem.Damaged => "damaged",
        CatalogItem.LogCarried => "log carried",
        _ => $"kind {(ushort)item}",
    };
}
