// Opening a store: manifest, segments, log replay, in that order (docs/life-of-a-span.md, "After a crash").
using Microsoft.Extensions.Logging;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Ingestion;
using Waymark.Storage.Retries;
using Waymark.Storage.Scanning;
using Waymark.Storage.Sealing;
using Waymark.Storage.Wal;

namespace Waymark.Storage;

/// <summary>The parts of an open store.</summary>
internal sealed record StoreParts(
    StoreOptions Options,
    IFileSystem Files,
    StorePaths Paths,
    IBodyDecoder Decoder,
    TimeProvider Time,
    ILogger Logger,
    Catalog.Catalog Catalog,
    RetryList Retries,
    StoreState State,
    Lane[] Lanes,
    Sealer Sealer,
    PageCache Cache,
    Alarms Alarms)
{
    public WriteAheadLog? Log { get; set; }

    /// <summary>Bytes of the volume that stay free.</summary>
    public long ReserveBytes
    {
        get
        {
            if (Options.ReserveBytes is { } set) return set;
            var total = Files.Space(Paths.Root).Total;
            return Math.Clamp(total / 20, 64L << 20, 10L << 30);
        }
    }
}

/// <summary>Brings a directory to life.</summary>
internal static class StoreOpening
{
    public static StoreParts Open(IFileSystem files, StoreOptions options, IBodyDecoder decoder, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        var paths = new StorePaths(options.Directory);
        files.CreateDirectory(paths.Root);
        files.CreateDirectory(paths.Segments);
        files.SyncDirectory(paths.Root);
        RefuseLostManifest(files, paths);
        var alarms = new Alarms(logger);
        var catalog = Catalog.Catalog.Open(files, paths.Root, time, logger, options.RetryWindow);
        var state = new StoreState();
        var cache = new PageCache(options.PageCacheBytes);
        try
        {
            foreach (var alarm in catalog.Alarms) alarms.Add(alarm);
            var retries = new RetryList(options.RetryWindow, options.RetryRequests);
            retries.Seed(catalog.Retries);
            OpenSegments(files, paths, catalog, state, cache, alarms);
            var lanes = new Lane[Math.Max(1, options.Lanes)];
            for (var k = 0; k < lanes.Length; k++) lanes[k] = new Lane(retries);
            var sealer = new Sealer(files, paths, catalog, state, retries, cache, time);
            var parts = new StoreParts(options, files, paths, decoder, time, logger, catalog, retries, state, lanes, sealer, cache, alarms);
            Replay(parts, cancellation);
            return parts;
        }
        catch
        {
            state.Dispose();
            catalog.Dispose();
            throw;
        }
    }

    /// <summary>Segments or log files without a manifest: it was lost, and starting afresh would delete what it knew of. Asked before one is made, so that no crash leaves an empty one behind.</summary>
    private static void RefuseLostManifest(IFileSystem files, StorePaths paths)
    {
        if (files.Exists(paths.Manifest)) return;
        files.CreateDirectory(paths.Log);
        var left = files.List(paths.Segments).Concat(files.List(paths.Log)).FirstOrDefault(path => !path.EndsWith(StorePaths.TemporaryExtension, StringComparison.Ordinal));
        if (left is null) return;
        throw new IOException($"{paths.Root} has data ({left}) but no manifest. Restore the file {paths.Manifest} from a backup, or move the data away to start with an empty store.");
    }

    private static void OpenSegments(IFileSystem files, StorePaths paths, Catalog.Catalog catalog, StoreState state, PageCache cache, Alarms alarms)
    {
        var listed = catalog.Segments.ToDictionary(s => s.Id);
        // Ids the manifest has given out were listed and dropped since. A higher one was never listed, and its spans are in the log; or else the last edit was damaged, which looks
        // like one that was never finished, and the log has let go of them.
        var isLogWhole = WalReplay.ReachesBackTo(files, paths.Log, catalog.StoreId, catalog.LogCovered);
        foreach (var path in files.List(paths.Segments))
        {
            if (path.EndsWith(StorePaths.TemporaryExtension, StringComparison.Ordinal)) files.Delete(path);
            else if (StorePaths.SegmentId(path) is { } id && !listed.ContainsKey(id)) RemoveUnlisted(files, paths, catalog.EndsCleanly && (isLogWhole || id < catalog.NextSegmentId), alarms, path);
        }
        if (!catalog.EndsCleanly) catalog.AcceptDamage();

        var opened = new List<OpenSegment>();
        foreach (var entry in catalog.Segments.OrderBy(s => s.Id))
        {
            try
            {
                opened.Add(OpenSegment.Open(files, paths.Segment(entry.Id), catalog.StoreId, entry, cache));
            }
            catch (IOException broken)
            {
                // Kept on disk and in the manifest until retention takes it: its traces are missing from answers until someone repairs it, and the status says so.
                alarms.Add($"Segment {paths.Segment(entry.Id)} can't be opened, its {entry.Spans} spans are not in any answer: {broken.Message}");
            }
        }
        foreach (var segment in opened)
        {
            if (segment.FilterProblem is { } broken) alarms.Raise(broken);
        }
        Sealer.MarkSplitTraces(opened, alarms.Raise);
        foreach (var segment in opened) state.ReplaceHeads([], segment);
    }

    /// <summary>A segment the manifest does not know has expired, or was never finished. When that is not certain, it is kept.</summary>
    private static void RemoveUnlisted(IFileSystem files, StorePaths paths, bool isCertain, Alarms alarms, string path)
    {
        if (isCertain)
        {
            files.Delete(path);
            return;
        }
        files.CreateDirectory(paths.SetAside);
        var kept = Path.Combine(paths.SetAside, Path.GetFileName(path));
        files.Rename(path, kept);
        files.SyncDirectory(paths.SetAside);
        alarms.Add($"The manifest is damaged and does not list segment {path}; it is set aside as {kept}.");
    }

    private static void Replay(StoreParts parts, CancellationToken cancellation)
    {
        var lane = parts.Lanes[0];
        parts.State.AddHeads(parts.Lanes.Select(l => l.Head));
        var last = parts.Catalog.LogCovered;
        var replayed = new Dictionary<(uint Tenant, UInt128 Fingerprint), UnixNanos>();
        using var body = new PooledBuffer();
        void OnRecord(in WalRecord record)
        {
            cancellation.ThrowIfCancellationRequested();
            last = record.Sequence;
            // A request logged twice is one request: the first acknowledgement got lost, or its file failed to sync. Told by the log alone: the manifest
            // remembers requests that were acknowledged while it was written, whose spans are nowhere but here.
            var key = (record.Tenant, record.Fingerprint);
            if (replayed.TryGetValue(key, out var before) && record.ReceivedAt.Value - before.Value <= parts.Options.RetryWindow.Ticks * 100) return;
            replayed[key] = record.ReceivedAt;
            ReplayRecord(parts, lane, record, body);
            parts.Retries.Replay(record.Tenant, record.Fingerprint, record.ReceivedAt);
            if (lane.Head.Bytes < parts.Options.SealBytes) return;
            SealDuringReplay(parts, lane, last);
        }
        var result = WalReplay.Run(parts.Files, parts.Paths.Log, parts.Catalog.StoreId, parts.Catalog.LogCovered, OnRecord, parts.Logger);
        foreach (var alarm in result.Alarms) parts.Alarms.Add(alarm);
        var walOptions = new WalOptions
        {
            Durability = parts.Options.Durability,
            SyncInterval = parts.Options.SyncInterval,
            FileBytes = parts.Options.LogFileBytes,
            ReserveBytes = parts.ReserveBytes,
        };
        parts.Log = WriteAheadLog.Open(parts.Files, parts.Paths.Log, walOptions, parts.Catalog.StoreId, result.LastSequence + 1, parts.Time, parts.Logger);
        parts.Log.DeleteThrough(parts.Catalog.LogCovered);
    }

    private static void ReplayRecord(StoreParts parts, Lane lane, in WalRecord record, PooledBuffer body)
    {
        var bytes = record.Payload;
        if (record.Codec == BodyCodec.Gzip)
        {
            body.Clear();
            if (Gzip.Decompress(record.Payload, record.BodyLength, body) != GzipOutcome.Ok)
            {
                parts.Alarms.Add($"Log record {record.Sequence} has a right checksum but its gzip body can't be read; its {record.SpanCount} spans are lost.");
                return;
            }
            bytes = body.WrittenMemory;
        }
        var report = default(DecodeReport);
        var mark = lane.Decode(parts.Decoder, record.Kind, bytes.Span, SpanLimits.None, ref report);
        if (report.Accepted != record.SpanCount)
            parts.Alarms.Add($"Log record {record.Sequence} was written with {record.SpanCount} spans and reads back with {report.Accepted}.");
        if (report.Accepted > 0 && !report.IsMalformed) lane.PublishReplayed(mark, record.Sequence, record.ReceivedAt);
    }

    private static void SealDuringReplay(StoreParts parts, Lane lane, ulong last)
    {
        var full = lane.Swap();
        parts.State.AddHeads([lane.Head]);
        parts.Sealer.Seal([full], last);
        full.Dispose();
    }
}
