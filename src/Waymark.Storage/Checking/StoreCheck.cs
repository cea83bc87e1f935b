// Checks a store's directory from outside, without a running server and without changing anything: `waymark verify` is this and its presentation.
// Exception policy: what is wrong with the store is in the report; CheckImpossibleException when there is nothing to report on.
using Waymark.Model.Bodies;
using Waymark.Storage.Catalog;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Wal;

namespace Waymark.Storage.Checking;

/// <summary>Looks at stores on disk.</summary>
public static class StoreCheck
{
    /// <summary>
    /// Checks every checksum and every rule of a store's files. The store's lock is held meanwhile, so that no server starts on files that are being read; when one runs already, only files
    /// that don't change any more are checked.
    /// </summary>
    /// <param name="onProgress">Called from the checking thread, some times per second at least.</param>
    public static CheckReport Verify(string directory, IBodyDecoder decoder, Action<CheckProgress>? onProgress, CancellationToken cancellation)
    {
        var root = Path.GetFullPath(directory);
        if (!Directory.Exists(root)) throw new CheckImpossibleException($"{root} is not a directory.");
        var paths = new StorePaths(root);
        if (!File.Exists(paths.Manifest) && !Directory.Exists(paths.Segments) && !Directory.Exists(paths.Log))
            throw new CheckImpossibleException($"{root} is not a store: it has no manifest, no segments and no log.");
        var held = Lock(root, out var usedBy);
        using (held)
        {
            var strangers = Directory.GetDirectories(root).Where(d => d != paths.Segments && d != paths.Log && d != paths.SetAside).Order(StringComparer.Ordinal);
            return Verify(RealFileSystem.Instance, root, usedBy, [.. strangers], decoder, onProgress, cancellation);
        }
    }

    /// <summary>Keeps servers away, or says which one is there already.</summary>
    private static StoreLock? Lock(string root, out string? usedBy)
    {
        usedBy = null;
        try
        {
            try
            {
                return StoreLock.Acquire(root);
            }
            catch (IOException refused) when (refused is not StoreInUseException)
            {
                // Not to be written by us; a server of another user may well run on it.
                return StoreLock.Watch(root);
            }
        }
        catch (StoreInUseException used)
        {
            usedBy = used.Holder;
            return null;
        }
    }

    /// <summary>Describes one file of a store, whatever state it is in. Throws <see cref="CheckImpossibleException"/> when it can't be read, or is none of a store's.</summary>
    /// <param name="column">Also lists the pages of this column of a segment.</param>
    public static InspectedFile Inspect(string path, string? column, CancellationToken cancellation) =>
        FileInspection.Run(RealFileSystem.Instance, Path.GetFullPath(path), column, cancellation);

    /// <summary>The same over any file system; for tests.</summary>
    internal static CheckReport Verify(
        IFileSystem files, string root, string? usedBy, IReadOnlyList<string> strangers, IBodyDecoder decoder, Action<CheckProgress>? onProgress, CancellationToken cancellation) =>
        new DirectoryCheck(new ReadOnlyFileSystem(files), new StorePaths(root), usedBy, decoder, onProgress, cancellation).Run(strangers);
}

/// <summary>One run over a directory.</summary>
internal sealed class DirectoryCheck(IFileSystem files, StorePaths paths, string? usedBy, IBodyDecoder decoder, Action<CheckProgress>? onProgress, CancellationToken cancellation)
{
    private readonly Findings findings = new();
    private ManifestScan? manifest;
    private int filesDone;
    private int filesTotal;
    private long bytesDone;
    private long bytesTotal;
    private string current = "";
    private long spans;
    private long traces;
    private long pages;
    private int segments;

    private bool IsRunning => usedBy is not null;

    public CheckReport Run(IReadOnlyList<string> strangers)
    {
        CheckManifest();
        var listed = (manifest?.State.Segments ?? []).ToDictionary(s => s.Id);
        var segmentFiles = files.List(paths.Segments);
        var logs = LogCheck.Order(files, files.List(paths.Log), IsRunning, findings);
        filesTotal = listed.Count + logs.Count + 2;
        bytesTotal = listed.Values.Sum(s => s.Bytes) + logs.Sum(l => l.Length);
        CheckServices();
        CheckSegments(listed, segmentFiles);
        var known = manifest is { IsLost: false } ? manifest.State : null;
        var log = new LogCheck(files, StoreId(logs), known?.LogCovered, known?.LogCarried ?? 0, IsRunning ? LogCoveredNow : null, decoder, findings);
        log.Run(logs, Begin);
        if (log.IsCarriedMissing)
            findings.Damage(paths.Manifest, null, $"record {known!.LogCarried}, which it names for the spans that the last seal carried over, is missing in the log: they are lost", Remedies.CarriedLost);
        CheckNames(listed, segmentFiles, strangers);
        return new CheckReport(paths.Root, usedBy, findings.All, findings.Withheld, new CheckedAmounts(filesDone, bytesDone, segments, spans, traces, pages, log.Records, log.Spans));
    }

    /// <summary>The manifest's; without it, the one the log's files agree on.</summary>
    private Guid StoreId(List<LogScan> logs) => manifest is { IsLost: false } ? manifest.StoreId : logs.Find(l => l.HeaderState == WalHeaderState.Good)?.Header.StoreId ?? default;

    private void CheckManifest()
    {
        if (!files.Exists(paths.Manifest))
        {
            if (files.List(paths.Segments).Concat(files.List(paths.Log)).Any(p => !p.EndsWith(StorePaths.TemporaryExtension, StringComparison.Ordinal)))
                findings.Damage(paths.Manifest, null, "the manifest is missing, and there is data", Remedies.ManifestLost);
            return;
        }
        SegmentCheck.Guard(findings, paths.Manifest, "", Remedies.ManifestLost, () =>
        {
            manifest = ManifestScan.Read(files, paths.Manifest);
            Begin(paths.Manifest, manifest.Length);
        });
        if (manifest is null) return;
        if (manifest.IsLost)
        {
            findings.Damage(paths.Manifest, 0, "neither the header nor a snapshot can be read", Remedies.ManifestLost);
            return;
        }
        if (!manifest.HasHeader) findings.Damage(paths.Manifest, 0, "the header is damaged; the store's id is in the snapshot too", Remedies.ManifestDamaged);
        if (manifest.Records.Count == 0) findings.Damage(paths.Manifest, CatalogFormat.HeaderBytes, "no edit can be read", Remedies.ManifestDamaged);
        foreach (var range in manifest.Damaged) findings.Damage(paths.Manifest, range.From, $"no edit can be read up to byte {range.To}: those that stood there are lost", Remedies.ManifestDamaged);
        foreach (var (offset, expected, found) in manifest.Gaps) findings.Damage(paths.Manifest, offset, $"edit {found} where {expected} is due: edits are missing", Remedies.ManifestDamaged);
        foreach (var (offset, what) in manifest.NotUnderstood) findings.Newer(paths.Manifest, $"{what} (offset {offset})");
        foreach (var offset in manifest.Padding) findings.Notice(paths.Manifest, offset, "padding that is not zero; nothing is lost by it");
        if (manifest.State.IsDamaged) findings.Damage(paths.Manifest, null, "it was found damaged at an earlier start, and what it lost track of may not have been set aside yet", "Start the server once.");
        if (manifest.End < manifest.Length && manifest.Records.Count > 0)
            findings.Notice(paths.Manifest, manifest.End, $"{manifest.Length - manifest.End} bytes after the last edit that are none: an edit that was not finished, as a crash leaves it{(IsRunning ? ", or is being written" : "")}; or the last edit is damaged");
    }

    private void CheckServices()
    {
        if (!files.Exists(paths.Services)) return;
        SegmentCheck.Guard(findings, paths.Services, "", Remedies.Services, () =>
        {
            var scan = ServicesScan.Read(files, paths.Services);
            Begin(paths.Services, scan.Length);
            if (scan.IsForeign) findings.Damage(paths.Services, 0, "not a list of services that this version can read, or its first line is damaged", Remedies.Services);
            else if (scan.IsDamaged) findings.Damage(paths.Services, scan.End, $"the line after number {scan.Names.Count - 1} can't be read: the services from there on get their numbers, and colours, anew", Remedies.Services);
            else if (scan.End < scan.Length) findings.Notice(paths.Services, scan.End, "an unfinished last line: one service gets its number anew");
        });
    }

    private void CheckSegments(Dictionary<ulong, SegmentEntry> listed, IReadOnlyList<string> present)
    {
        foreach (var entry in listed.Values.OrderBy(s => s.Id))
        {
            cancellation.ThrowIfCancellationRequested();
            var path = paths.Segment(entry.Id);
            if (present.Contains(path, StringComparer.Ordinal) && files.Exists(path)) CheckSegment(path, entry);
            else if (!IsRunning || IsStillListed(entry.Id)) findings.Damage(path, null, $"the manifest lists this segment of {entry.Spans} spans, and the file is missing", Remedies.SegmentMissing);
        }
        // Without a manifest to hold them against, files are checked against themselves.
        if (manifest is { IsLost: false }) return;
        foreach (var path in present.Where(p => StorePaths.SegmentId(p) is not null)) CheckSegment(path, null);
    }

    /// <summary>Under a running server retention may have taken a segment since.</summary>
    private bool IsStillListed(ulong id) => StateNow()?.Segments.Any(s => s.Id == id) ?? false;

    /// <summary>A running server seals, and deletes log files that it needs no more.</summary>
    private ulong LogCoveredNow() => StateNow()?.LogCovered ?? 0;

    /// <summary>What the manifest says by now; null when it can't be read.</summary>
    private CatalogState? StateNow()
    {
        try
        {
            return ManifestScan.Read(files, paths.Manifest).State;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void CheckSegment(string path, SegmentEntry? listed)
    {
        Begin(path, 0);
        segments++;
        var (ownSpans, ownTraces, ownPages) = SegmentCheck.Run(files, path, manifest?.StoreId ?? default, listed, findings, Advance, cancellation);
        spans += ownSpans;
        traces += ownTraces;
        pages += ownPages;
    }

    private void CheckNames(Dictionary<ulong, SegmentEntry> listed, IReadOnlyList<string> present, IReadOnlyList<string> strangers)
    {
        foreach (var directory in strangers) findings.Notice(directory, null, "a directory that is none of the store's", Remedies.Foreign);
        foreach (var path in files.List(paths.Root))
        {
            switch (Path.GetFileName(path))
            {
                case StoreLock.FileName or Catalog.Catalog.FileName:
                case var _ when path == paths.Services:
                    break;
                case Catalog.Catalog.TemporaryName:
                    if (!IsRunning) findings.Notice(path, null, "a rewrite of the manifest that was not finished", "The next rewrite replaces it.");
                    break;
                case Catalog.Catalog.DamagedName:
                    findings.Notice(path, null, "a copy of the manifest as it was found damaged", "Delete it when nobody wants to look into it any more.");
                    break;
                default:
                    Stranger(path);
                    break;
            }
        }
        foreach (var path in files.List(paths.Log).Where(p => !WalFormat.TryParseName(p, out _))) Stranger(path);
        foreach (var path in files.List(paths.SetAside)) findings.Notice(path, null, "a segment set aside when the manifest was damaged; nothing reads it", "Delete it when nobody wants its spans any more.");
        foreach (var path in present) CheckSegmentName(path, listed);
    }

    private void CheckSegmentName(string path, Dictionary<ulong, SegmentEntry> listed)
    {
        if (path.EndsWith(StorePaths.TemporaryExtension, StringComparison.Ordinal))
        {
            if (!IsRunning) findings.Notice(path, null, "a segment that was not finished; its spans are in the log", Remedies.NextStart);
            return;
        }
        if (StorePaths.SegmentId(path) is not { } id)
        {
            Stranger(path);
            return;
        }
        if (listed.ContainsKey(id) || IsRunning || manifest is null or { IsLost: true }) return;
        // As at a start: an id that was given out was listed and dropped; a higher one was never listed, and its spans are in the log, if that reaches back so far.
        var isCertain = !manifest.IsDamaged && (id < manifest.State.NextSegmentId || WalReplay.ReachesBackTo(files, paths.Log, manifest.StoreId, manifest.State.LogCovered));
        if (isCertain) findings.Notice(path, null, "a segment that the manifest does not list: it has expired, or its spans are in the log", Remedies.NextStart);
        else findings.Damage(path, null, "a segment that the manifest does not list, and its spans are not in the log", "The next start moves it to set-aside/, out of every answer. With a manifest from a backup that lists it, its spans are back.");
    }

    private void Stranger(string path) => findings.Notice(path, null, "not a name of the store's", Remedies.Foreign);

    private void Begin(string path, long bytes)
    {
        cancellation.ThrowIfCancellationRequested();
        filesDone++;
        current = path;
        Advance(bytes);
    }

    private void Advance(long bytes)
    {
        bytesDone += bytes;
        onProgress?.Invoke(new CheckProgress(current, filesDone, Math.Max(filesDone, filesTotal), bytesDone, Math.Max(bytesDone, bytesTotal)));
    }
}
