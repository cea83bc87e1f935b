// The manifest's content in memory: what edits add up to.
using System.Collections.Immutable;
using System.Buffers.Binary;
using Waymark.Model.Spans;
using Waymark.Storage.Retries;

namespace Waymark.Storage.Catalog;

/// <summary>Live segments, the log's watermark, and remembered retries. Not thread-safe; <see cref="Catalog"/> guards it.</summary>
internal sealed class CatalogState
{
    /// <summary>Retries kept; beyond, the oldest edits' are dropped. The retry list itself holds no more.</summary>
    private const int MaxRetries = 1_000_000;

    private readonly SortedDictionary<ulong, SegmentEntry> segments = [];
    private readonly Queue<RetryChunk> retries = [];
    private int retryCount;

    public ulong LogCovered { get; private set; }
    public ulong LogCarried { get; private set; }
    public ulong NextSegmentId { get; private set; } = 1;
    public Guid? StoreId { get; private set; }

    /// <summary>The manifest was found damaged, and what it lost track of may not have been set aside yet.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>By id.</summary>
    public ImmutableArray<SegmentEntry> Segments => [.. segments.Values];

    public void Apply(CatalogEdit edit)
    {
        foreach (var segment in edit.Add) Add(segment);
        foreach (var id in edit.Drop) segments.Remove(id);
        if (edit.LogCovered is { } covered) LogCovered = Math.Max(LogCovered, covered);
        if (edit.LogCarried is { } carried) LogCarried = carried;
        if (!edit.Retries.IsEmpty) AddRetries(CatalogRecordWriter.Encode(edit.Retries.AsSpan()));
    }

    /// <summary>Applies a record read from the file. Throws <see cref="IOException"/> when it holds something this build must not ignore.</summary>
    public void Apply(ReadOnlySpan<byte> payload, string path)
    {
        var items = new CatalogItemReader(payload);
        while (items.Next())
        {
            switch (items.Item)
            {
                case CatalogItem.SegmentAdded when items.Bytes.Length >= CatalogFormat.SegmentBytes:
                    Add(items.Segment());
                    break;
                case CatalogItem.SegmentDropped when items.Bytes.Length >= 8:
                    segments.Remove(Number(items.Bytes));
                    break;
                case CatalogItem.LogCovered when items.Bytes.Length >= 8:
                    LogCovered = Math.Max(LogCovered, Number(items.Bytes));
                    break;
                case CatalogItem.LogCarried when items.Bytes.Length >= 8:
                    LogCarried = Number(items.Bytes);
                    break;
                case CatalogItem.NextSegmentId when items.Bytes.Length >= 8:
                    NextSegmentId = Math.Max(NextSegmentId, Number(items.Bytes));
                    break;
                case CatalogItem.RetryFingerprints when items.Bytes.Length % CatalogFormat.RetryBytes == 0:
                    AddRetries(items.Bytes.ToArray());
                    break;
                case CatalogItem.StoreId when items.Bytes.Length >= 16:
                    StoreId = new Guid(items.Bytes[..16]);
                    break;
                case CatalogItem.Damaged:
                    IsDamaged = true;
                    break;
                default:
                    if (items.IsOptional) break;
                    throw new IOException($"Manifest {path} holds an entry of kind {(ushort)items.Item} that this build does not understand and may not skip. A newer Waymark wrote it.");
            }
        }

        if (items.IsBroken) throw new IOException($"Manifest {path} holds a record with a right checksum whose entries do not add up.");
    }

    /// <summary>Writes everything, and <paramref name="edit"/> if given, as one record. Retries older than <paramref name="since"/> are left out.</summary>
    public void WriteSnapshot(CatalogRecordWriter record, Guid storeId, UnixNanos since, CatalogEdit? edit)
    {
        record.StoreId(storeId);
        record.Number(CatalogItem.NextSegmentId, NextSegmentId);
        record.Number(CatalogItem.LogCovered, LogCovered);
        if (LogCarried > LogCovered) record.Number(CatalogItem.LogCarried, LogCarried);
        if (IsDamaged) record.Damaged();
        foreach (var segment in segments.Values) record.Segment(segment);
        foreach (var chunk in retries)
        {
            if (chunk.Newest >= since.Value) record.Retries(chunk.Bytes);
        }

        if (edit is not null) WriteEdit(record, edit);
    }

    public static void WriteEdit(CatalogRecordWriter record, CatalogEdit edit)
    {
        foreach (var segment in edit.Add) record.Segment(segment);
        foreach (var id in edit.Drop) record.Number(CatalogItem.SegmentDropped, id);
        if (edit.LogCovered is { } covered) record.Number(CatalogItem.LogCovered, covered);
        if (edit.LogCarried is { } carried) record.Number(CatalogItem.LogCarried, carried);
        if (!edit.Retries.IsEmpty) record.Retries(CatalogRecordWriter.Encode(edit.Retries.AsSpan()));
    }

    /// <summary>Forgets retries older than <paramref name="since"/>, whole edits at a time.</summary>
    public void ForgetRetries(UnixNanos since)
    {
        while (retries.TryPeek(out var oldest) && oldest.Newest < since.Value) retryCount -= retries.Dequeue().Count;
    }

    /// <summary>Every remembered retry, oldest edit first.</summary>
    public List<RetryEntry> ReadRetries()
    {
        var entries = new List<RetryEntry>(retryCount);
        foreach (var chunk in retries)
        {
            for (var at = 0; at < chunk.Bytes.Length; at += CatalogFormat.RetryBytes) entries.Add(CatalogRecordWriter.DecodeRetry(chunk.Bytes.AsSpan(at)));
        }

        return entries;
    }

    private static ulong Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    private void Add(SegmentEntry segment)
    {
        segments[segment.Id] = segment;
        NextSegmentId = Math.Max(NextSegmentId, segment.Id + 1);
    }

    private void AddRetries(byte[] encoded)
    {
        if (encoded.Length == 0) return;
        var newest = long.MinValue;
        for (var at = 0; at < encoded.Length; at += CatalogFormat.RetryBytes)
            newest = Math.Max(newest, CatalogRecordWriter.DecodeRetry(encoded.AsSpan(at)).At.Value);
        var chunk = new RetryChunk(encoded, newest);
        retries.Enqueue(chunk);
        retryCount += chunk.Count;
        while (retries.Count > 1 && retryCount - retries.Peek().Count >= MaxRetries) retryCount -= retries.Dequeue().Count;
    }

    /// <summary>The retries of one edit, as they stand in the file: 28 B each instead of 48.</summary>
    private sealed record RetryChunk(byte[] Bytes, long Newest)
    {
        public int Count => Bytes.Length / CatalogFormat.RetryBytes;
    }
}
