// The manifest: which segments are live and how far the log is covered by them. Every change is one atomic, synced edit.
// Exception policy: Open and Apply throw IOException naming the file. After Apply threw, memory is as before; whether the edit is on disk is settled by the next Apply that succeeds
// (or by what the next start reads), so files the edit named must not be deleted until then.
using Microsoft.Extensions.Logging;
using Waymark.Model.Spans;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Retries;

namespace Waymark.Storage.Catalog;

/// <summary>The store's table of contents on disk. Format: docs/formats/manifest.md. Any number of threads.</summary>
internal sealed class Catalog : IDisposable
{
    public const string FileName = "manifest";
    internal const string TemporaryName = "manifest.tmp";
    internal const string DamagedName = "manifest.damaged";

    /// <summary>Bytes of edits, or the size of the last snapshot if larger, after which the file is rewritten: at most as much is written again as was written once.</summary>
    private const long RewriteBytes = 1 << 20;

    private static readonly TimeSpan DefaultRetryWindow = new StoreOptions { Directory = "" }.RetryWindow;

    private readonly IFileSystem fs;
    private readonly string directory;
    private readonly string path;
    private readonly TimeSpan retryWindow;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly List<string> alarms = [];
    private readonly CatalogState state = new();

    private IFile? file;
    private Guid storeId;
    private UnixNanos created;
    private ulong number;
    private long end;
    private long snapshotBytes;

    /// <summary>The file may not say what memory says: the next edit rewrites it whole.</summary>
    private bool suspect;

    private Catalog(IFileSystem fs, string directory, TimeSpan retryWindow, TimeProvider time, ILogger logger)
    {
        this.fs = fs;
        this.directory = directory;
        this.retryWindow = retryWindow;
        this.time = time;
        this.logger = logger;
        path = Path.Combine(directory, FileName);
    }

    public Guid StoreId => storeId;

    /// <summary>True when there was no manifest and this one was made.</summary>
    public bool IsNew { get; private set; }

    /// <summary>False when edits in the middle were lost: segments nobody lists may be live, and must be set aside, not deleted. Stays so over restarts until <see cref="AcceptDamage"/>.</summary>
    public bool EndsCleanly
    {
        get
        {
            lock (gate) return !state.IsDamaged;
        }
    }

    public IReadOnlyList<string> Alarms => alarms;

    /// <summary>Log records up to this sequence are in segments.</summary>
    public ulong LogCovered
    {
        get
        {
            lock (gate) return state.LogCovered;
        }
    }

    /// <summary>The log's carry-over record that counts, if it is above <see cref="LogCovered"/>.</summary>
    public ulong LogCarried
    {
        get
        {
            lock (gate) return state.LogCarried;
        }
    }

    /// <summary>One more than the highest segment id ever listed.</summary>
    public ulong NextSegmentId
    {
        get
        {
            lock (gate) return state.NextSegmentId;
        }
    }

    /// <summary>The live segments, by id: a copy.</summary>
    public IReadOnlyList<SegmentEntry> Segments
    {
        get
        {
            lock (gate) return state.Segments;
        }
    }

    /// <summary>Remembered retries, oldest first, some older than the window perhaps. Decoded anew at each call; meant for once, after opening.</summary>
    public IReadOnlyList<RetryEntry> Retries
    {
        get
        {
            lock (gate) return state.ReadRetries();
        }
    }

    /// <summary>Opens the manifest of a directory, making directory and manifest if missing.</summary>
    /// <param name="retryWindow">Retries older than this are left out when the file is rewritten; null: the default of <see cref="StoreOptions.RetryWindow"/>.</param>
    public static Catalog Open(IFileSystem fs, string directory, TimeProvider time, ILogger logger, TimeSpan? retryWindow = null)
    {
        var catalog = new Catalog(fs, directory, retryWindow ?? DefaultRetryWindow, time, logger);
        fs.CreateDirectory(directory);
        try
        {
            if (fs.Exists(catalog.path)) catalog.Load();
            else catalog.MakeNew();
            return catalog;
        }
        catch (IOException)
        {
            catalog.Dispose();
            throw;
        }
    }

    /// <summary>Makes one edit durable, whole or not at all. Blocks for one write and one sync.</summary>
    public void Apply(CatalogEdit edit)
    {
        lock (gate)
        {
            if (suspect || !TryAppend(edit)) Rewrite(edit);
            state.Apply(edit);
            if (end - snapshotBytes > Math.Max(RewriteBytes, snapshotBytes)) RewriteIfPossible();
        }
    }

    /// <summary>Says that everything a damaged manifest may have lost track of has been set aside: the manifest is rewritten, and the next start finds it clean.</summary>
    public void AcceptDamage()
    {
        lock (gate)
        {
            if (!state.IsDamaged) return;
            state.IsDamaged = false;
            try
            {
                Rewrite(null);
            }
            catch (IOException)
            {
                state.IsDamaged = true;
                throw;
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            file?.Dispose();
            file = null;
        }
    }

    private void MakeNew()
    {
        IsNew = true;
        storeId = Guid.NewGuid();
        created = UnixNanos.Now(time);
        Rewrite(null);
    }

    private void Load()
    {
        // The last rewrite may have been renamed into place without its name becoming durable.
        fs.SyncDirectory(directory);
        var bytes = ReadAll();
        var hasHeader = CatalogFormat.TryReadHeader(bytes, path, out storeId, out created);
        var offset = CatalogFormat.HeaderBytes;
        long firstEnd = 0;
        ulong expected = 0;
        while (true)
        {
            if (!CatalogFormat.TryReadRecord(bytes, offset, out var read, out var payload) || (number > 0 && read <= number))
            {
                var found = FindNext(bytes, offset + 8);
                if (found < 0) break;
                Damaged(offset, found);
                offset = found;
                expected = 0;
                continue;
            }

            if (expected > 0 && read != expected) Damaged(offset, offset);
            state.Apply(payload, path);
            number = read;
            expected = read + 1;
            offset += CatalogFormat.RecordBytes(payload.Length);
            if (firstEnd == 0) firstEnd = offset;
        }

        if (!hasHeader) RecoverHeader();
        if (number == 0) Damaged(CatalogFormat.HeaderBytes, bytes.Length);
        FinishLoad(bytes, offset, firstEnd);
    }

    private void FinishLoad(byte[] bytes, int offset, long firstEnd)
    {
        end = Math.Min(offset, bytes.Length);
        snapshotBytes = firstEnd;
        state.ForgetRetries(Since());
        var damaged = alarms.Count > 0;
        if (damaged) KeepDamaged(bytes);
        else if (state.IsDamaged) alarms.Add($"Manifest {path} was found damaged earlier; segments it does not list are set aside.");
        foreach (var alarm in alarms) StorageLog.ManifestAlarm(logger, alarm);
        var torn = offset < bytes.Length;
        if (torn) StorageLog.ManifestTornTail(logger, path, offset);
        if (torn || damaged || end - snapshotBytes > RewriteBytes / 16) RewriteIfPossible();
        if (!suspect) file ??= fs.Open(path);
    }

    private byte[] ReadAll()
    {
        using var opened = fs.OpenRead(path);
        if (opened.Length > CatalogFormat.MaxBytes) throw new IOException($"Manifest {path} of {opened.Length} bytes is beyond the limit of {CatalogFormat.MaxBytes}.");
        var bytes = new byte[opened.Length];
        var read = opened.Read(bytes, 0);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>The next record with a higher number, or −1.</summary>
    private int FindNext(ReadOnlySpan<byte> bytes, int from)
    {
        for (var offset = from; offset <= bytes.Length - CatalogFormat.RecordHeaderBytes; offset += 8)
        {
            var zeros = bytes[offset..].IndexOfAnyExcept((byte)0);
            if (zeros < 0) return -1;
            offset += zeros & ~7;
            if (CatalogFormat.TryReadRecord(bytes, offset, out var read, out _) && read > number) return offset;
        }

        return -1;
    }

    private void Damaged(int from, int to)
    {
        state.IsDamaged = true;
        alarms.Add($"Manifest {path} is damaged from byte {from} to {to}: the edits after number {number} there are lost. Segments it does not list are set aside.");
    }

    private void RecoverHeader()
    {
        state.IsDamaged = true;
        storeId = state.StoreId ?? throw new IOException($"Manifest {path} is damaged at byte 0 beyond recovery: neither its header nor a snapshot can be read.");
        created = UnixNanos.Now(time);
        alarms.Add($"Manifest {path} has a damaged header at byte 0; the store's id was taken from its snapshot.");
    }

    /// <summary>Keeps a copy of the damaged file for whoever looks into it.</summary>
    private void KeepDamaged(byte[] bytes)
    {
        var copy = Path.Combine(directory, DamagedName);
        if (fs.Exists(copy)) return;
        using var kept = fs.Create(copy);
        kept.Write(bytes, 0);
        kept.Sync();
        fs.SyncDirectory(directory);
    }

    /// <summary>Appends the edit; false when that failed and the file is not to be trusted any more.</summary>
    private bool TryAppend(CatalogEdit edit)
    {
        using var record = new CatalogRecordWriter();
        CatalogState.WriteEdit(record, edit);
        var bytes = record.Finish(number + 1);
        try
        {
            file!.Write(bytes, end);
            file.Sync();
        }
        catch (IOException error)
        {
            suspect = true;
            StorageLog.ManifestAppendFailed(logger, error, path);
            return false;
        }

        number++;
        end += bytes.Length;
        return true;
    }

    private void RewriteIfPossible()
    {
        try
        {
            Rewrite(null);
        }
        catch (IOException error)
        {
            StorageLog.ManifestRewriteFailed(logger, error, path);
        }
    }

    /// <summary>Replaces the file by one that holds the state, and the edit if given, as a single record.</summary>
    private void Rewrite(CatalogEdit? edit)
    {
        suspect = true;
        state.ForgetRetries(Since());
        var temporary = Path.Combine(directory, TemporaryName);
        using var record = new CatalogRecordWriter();
        state.WriteSnapshot(record, storeId, Since(), edit);
        var bytes = record.Finish(number + 1);
        if (fs.Exists(temporary)) fs.Delete(temporary);
        using (var written = fs.Create(temporary))
        {
            Span<byte> header = stackalloc byte[CatalogFormat.HeaderBytes];
            CatalogFormat.WriteHeader(header, storeId, created);
            written.Write(header, 0);
            written.Write(bytes, CatalogFormat.HeaderBytes);
            written.Sync();
        }

        file?.Dispose();
        file = null;
        fs.Rename(temporary, path);
        fs.SyncDirectory(directory);
        file = fs.Open(path);
        number++;
        end = snapshotBytes = CatalogFormat.HeaderBytes + bytes.Length;
        suspect = false;
    }

    private UnixNanos Since() => new(Math.Max(0, UnixNanos.Now(time).Value - (retryWindow.Ticks * 100)));
}
