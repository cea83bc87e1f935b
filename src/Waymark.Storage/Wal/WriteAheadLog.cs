// The durability point of a span's life: requests go in, one writer thread puts all that wait into the file with one write and one sync, and only then are they acknowledged.
// Exception policy: a failing disk is an outcome on the ticket (DiskFull, DiskError), never an exception; Open throws IOException when the directory can't be read.
using Microsoft.Extensions.Logging;
using Waymark.Model.Spans;
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Wal;

/// <summary>
/// The append side of the log. Format: docs/formats/wal.md. Any number of threads append; each waits for its ticket, so the queue is as long as there are requests in flight.
/// <para>A file in which a write or sync failed is never written again: what it may hold beyond the last acknowledged record is made void by the next file's <c>follows</c>.</para>
/// </summary>
internal sealed class WriteAheadLog : IAsyncDisposable
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbeWait = TimeSpan.FromMilliseconds(200);

    /// <summary>Names farther ahead than this are not from our numbering, and no reason to step over.</summary>
    private const ulong MaxNameStep = 1UL << 40;

    private readonly IFileSystem fs;
    private readonly string directory;
    private readonly WalOptions options;
    private readonly Guid storeId;
    private readonly uint seed;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Thread writer;
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WalPendingPool pool = new();

    // Guarded by gate: what callers and the writer share.
    private readonly object gate = new();
    private List<WalPending> arriving = [];
    private ulong lastSequence;
    private bool closing;

    // Guarded by files: the finished files, oldest first, and the current one's size.
    private readonly List<LogFile> files = [];
    private long currentBytes;

    // The writer thread's own.
    private readonly WalGroup group;
    private List<WalPending> taken = [];
    private IFile? current;
    private ulong currentFirst;
    private long currentLength;
    private long position;
    private ulong lastWritten;
    private bool unsynced;
    private long unsyncedSince;
    private long lastProbe;
    private volatile string? fullReason;
    private ulong suspectThrough;

    private WriteAheadLog(IFileSystem fs, string directory, WalOptions options, Guid storeId, ulong nextSequence, TimeProvider time, ILogger logger)
    {
        this.fs = fs;
        this.directory = directory;
        this.options = options;
        this.storeId = storeId;
        this.time = time;
        this.logger = logger;
        seed = WalFormat.Seed(storeId);
        group = new WalGroup(seed);
        lastSequence = lastWritten = nextSequence - 1;
        writer = new Thread(Run) { IsBackground = true, Name = "waymark-log" };
    }

    /// <summary>The highest sequence given out, whatever became of it.</summary>
    public ulong LastSequence
    {
        get
        {
            lock (gate) return lastSequence;
        }
    }

    /// <summary>Bytes of this store's log files on disk.</summary>
    public long Bytes
    {
        get
        {
            lock (files) return files.Sum(file => file.Bytes) + currentBytes;
        }
    }

    /// <summary>Why appends fail for want of room at present; null while they don't. Looked at again by the writer once per second, so it clears by itself.</summary>
    public string? FullReason => fullReason;

    /// <summary>Acknowledged records up to here may not be on disk any more, because a sync of their file failed: they must get into segments. 0 when there are none. Any thread.</summary>
    public ulong SuspectThrough => Volatile.Read(ref suspectThrough);

    /// <summary>Called on the writer thread when <see cref="SuspectThrough"/> has moved, with what happened. Set before the first append. Must not throw.</summary>
    public Action<string>? Suspected { get; set; }

    /// <summary>Called on the writer thread with the highest sequence of a group that succeeded, before its tickets complete. Set before the first append. Must not throw.</summary>
    public Action<ulong>? Durable { get; set; }

    /// <summary>Called on the writer thread with the first and last sequence of a group that failed, before its tickets complete. Set before the first append. Must not throw.</summary>
    public Action<ulong, ulong>? Failed { get; set; }

    /// <summary>
    /// Opens the log for appending; <paramref name="directory"/> is made if missing. A new file is made at the first append; existing files stay for replay until <see cref="DeleteThrough"/>.
    /// </summary>
    /// <param name="nextSequence">One more than <see cref="WalReplayResult.LastSequence"/>; records above that in existing files no longer count once a file is made.</param>
    public static WriteAheadLog Open(IFileSystem fs, string directory, WalOptions options, Guid storeId, ulong nextSequence, TimeProvider time, ILogger logger)
    {
        ArgumentOutOfRangeException.ThrowIfZero(nextSequence);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FileBytes, WalFormat.FileHeaderBytes + WalFormat.RecordHeaderBytes);
        fs.CreateDirectory(directory);
        var log = new WriteAheadLog(fs, directory, options, storeId, nextSequence, time, logger);
        log.FindFiles();
        log.writer.Start();
        return log;
    }

    /// <summary>Queues an entry under the next sequence. Nothing is copied: the payload must stay as it is until the ticket completes.</summary>
    public WalTicket Append(in WalEntry entry)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entry.Payload.Length, WalFormat.MaxPayloadBytes, nameof(entry));
        lock (gate)
        {
            if (closing) return new WalTicket(0, ValueTask.FromResult(WalOutcome.Closed));
            var pending = pool.Take(++lastSequence, entry);
            var ticket = new WalTicket(pending.Sequence, pending.Completion);
            arriving.Add(pending);
            if (arriving.Count == 1) Monitor.Pulse(gate);
            return ticket;
        }
    }

    /// <summary>Deletes files whose records all have a sequence up to <paramref name="sequence"/>, never the one being written. A file that can't be deleted is logged and tried again the next time.</summary>
    public void DeleteThrough(ulong sequence)
    {
        lock (files)
        {
            for (var i = 0; i < files.Count;)
            {
                if (files[i].Last > sequence) return;
                try
                {
                    fs.Delete(files[i].Path);
                    files.RemoveAt(i);
                }
                catch (IOException error)
                {
                    StorageLog.LogDeleteFailed(logger, error, files[i].Path);
                    i++;
                }
            }
        }
    }

    /// <summary>Writes and syncs what is queued, completes every ticket, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            closing = true;
            Monitor.Pulse(gate);
        }

        await stopped.Task.ConfigureAwait(false);
    }

    /// <summary>Lists this store's files from earlier runs, so that they can be deleted in time, and steps over names that are taken.</summary>
    private void FindFiles()
    {
        var header = new byte[WalFormat.FileHeaderBytes];
        var found = new List<(string Path, ulong First, long Bytes)>();
        foreach (var path in fs.List(directory))
        {
            if (!WalFormat.TryParseName(path, out var first)) continue;
            if (first > lastSequence && first - lastSequence < MaxNameStep) lastSequence = first;
            if (path.EndsWith(WalFormat.DamagedExtension, StringComparison.Ordinal)) continue;
            using var file = fs.OpenRead(path);
            var state = WalFileHeader.Read(header.AsSpan(0, file.Read(header, 0)), out var read);
            var ours = state == WalHeaderState.Unreadable || (state == WalHeaderState.Good && read.StoreId == storeId);
            if (ours) found.Add((path, first, file.Length));
        }

        for (var i = 0; i < found.Count; i++)
        {
            var last = i + 1 < found.Count ? found[i + 1].First - 1 : lastWritten;
            files.Add(new LogFile(found[i].Path, Math.Max(last, found[i].First), found[i].Bytes));
        }
    }

    private void Run()
    {
        try
        {
            while (Next())
            {
                for (var start = 0; start < taken.Count;) start += WriteSome(start);
                taken.Clear();
            }

            if (unsynced) SyncUnsynced();
            Retire(lastWritten);
            stopped.SetResult();
        }
        catch (Exception error)
        {
            // A bug, or a callback that threw: nobody may wait for ever.
            stopped.SetException(error);
            throw;
        }
    }

    /// <summary>Waits until records have arrived and takes them; false at the end. Meanwhile syncs what is due, and looks whether a full volume has room again.</summary>
    private bool Next()
    {
        while (true)
        {
            lock (gate)
            {
                if (arriving.Count > 0)
                {
                    (arriving, taken) = (taken, arriving);
                    return true;
                }

                if (closing) return false;
                if (unsynced) Monitor.Wait(gate, Remaining());
                else if (fullReason is not null) Monitor.Wait(gate, ProbeWait);
                else Monitor.Wait(gate);
            }

            if (unsynced && time.GetElapsedTime(unsyncedSince) >= options.SyncInterval) SyncUnsynced();
            if (fullReason is not null && time.GetElapsedTime(lastProbe) >= ProbeInterval) Probe();
        }
    }

    private TimeSpan Remaining()
    {
        var remaining = options.SyncInterval - time.GetElapsedTime(unsyncedSince);
        return remaining < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : remaining;
    }

    /// <summary>Writes as many records from <paramref name="start"/> on as one file and one write take, completes their tickets, and returns how many.</summary>
    private int WriteSome(int start)
    {
        var firstBytes = WalFormat.RecordBytes(taken[start].Entry.Payload.Length);
        var count = 1;
        WalOutcome outcome;
        string? reason = null;
        try
        {
            if (current is null || position + firstBytes > currentLength) Rotate(taken[start].Sequence, firstBytes);
            count = Count(start, currentLength - position);
            group.Fill(taken, start, count);
            current!.Write(group.Buffers, position);
            SyncGroup(taken[start].Sequence);
            position += group.Bytes;
            lastWritten = taken[start + count - 1].Sequence;
            outcome = WalOutcome.Durable;
        }
        catch (DiskFullException error)
        {
            outcome = WalOutcome.DiskFull;
            reason = error.Message;
            Full(reason);
            if (unsynced) SyncUnsynced();
            Retire(lastWritten);
        }
        catch (IOException error)
        {
            // Without a file nothing that waits has one: don't try a broken disk again for each record.
            if (current is null) count = taken.Count - start;
            outcome = WalOutcome.DiskError;
            reason = error.Message;
            if (unsynced) SyncUnsynced();
            Retire(lastWritten);
        }

        Complete(start, count, outcome, reason);
        if (unsynced && time.GetElapsedTime(unsyncedSince) >= options.SyncInterval) SyncUnsynced();
        return count;
    }

    private void Complete(int start, int count, WalOutcome outcome, string? reason)
    {
        var (first, last) = (taken[start].Sequence, taken[start + count - 1].Sequence);
        if (outcome == WalOutcome.Durable)
        {
            Durable?.Invoke(last);
        }
        else
        {
            StorageLog.LogWriteFailed(logger, first, last, reason ?? "");
            Failed?.Invoke(first, last);
        }

        group.Clear();
        for (var i = start; i < start + count; i++) taken[i].Complete(outcome);
    }

    /// <summary>How many records from <paramref name="start"/> on fit into <paramref name="room"/> and one write; at least one.</summary>
    private int Count(int start, long room)
    {
        var bytes = 0L;
        var count = 0;
        while (start + count < taken.Count)
        {
            bytes += WalFormat.RecordBytes(taken[start + count].Entry.Payload.Length);
            if (count > 0 && (bytes > room || bytes > options.MaxGroupBytes)) break;
            count++;
        }

        return count;
    }

    /// <summary>Makes the group just written as durable as asked. When its sync fails, the file is given up and the group, still in memory, goes to a new one.</summary>
    private void SyncGroup(ulong first)
    {
        if (options.Durability != Durability.Sync && !group.MustSync)
        {
            if (options.Durability == Durability.Interval && !unsynced)
            {
                unsynced = true;
                unsyncedSince = time.GetTimestamp();
            }

            return;
        }

        try
        {
            current!.Sync();
            unsynced = false;
        }
        catch (IOException error)
        {
            StorageLog.LogSyncFailed(logger, error, current!.Path);
            Suspect(error);
            Retire(lastWritten);
            Make(first, group.Bytes);
            current.Write(group.Buffers, position);
            current.Sync();
        }
    }

    private void Rotate(ulong first, long recordBytes)
    {
        if (fullReason is not null && time.GetElapsedTime(lastProbe) < ProbeInterval) throw new DiskFullException(fullReason);
        if (unsynced) SyncUnsynced();
        Retire(lastWritten);
        Make(first, recordBytes);
        if (fullReason is null) return;
        fullReason = null;
        StorageLog.LogHasRoom(logger);
    }

    /// <summary>Makes the next file, durable with its name before anything is put into it.</summary>
    private void Make(ulong first, long recordBytes)
    {
        var bytes = Math.Max(options.FileBytes, WalFormat.FileHeaderBytes + recordBytes);
        lastProbe = time.GetTimestamp();
        var free = fs.Space(directory).Free;
        if (free - bytes < options.ReserveBytes)
            throw new DiskFullException($"A log file of {bytes} bytes in {directory} would leave {free - bytes} bytes free; {options.ReserveBytes} are kept in reserve.");

        var path = Path.Combine(directory, WalFormat.FileName(first));
        IFile? file = null;
        try
        {
            file = fs.Create(path, bytes);
            Span<byte> header = stackalloc byte[WalFormat.FileHeaderBytes];
            new WalFileHeader(storeId, first, lastWritten, UnixNanos.Now(time)).Write(header);
            file.Write(header, 0);
            file.Sync();
            fs.SyncDirectory(directory);
        }
        catch (IOException)
        {
            if (file is not null) Drop(file);
            throw;
        }

        (current, currentFirst, currentLength, position) = (file, first, bytes, WalFormat.FileHeaderBytes);
        lock (files) currentBytes = bytes;
        StorageLog.LogFileMade(logger, path, bytes, first);
    }

    /// <summary>Closes the current file for good. One without a record that counts is deleted: its name may be needed again.</summary>
    private void Retire(ulong last)
    {
        if (current is null) return;
        var file = current;
        current = null;
        unsynced = false;
        lock (files) currentBytes = 0;
        if (last < currentFirst)
        {
            Drop(file);
            return;
        }

        file.Dispose();
        lock (files) files.Add(new LogFile(file.Path, last, currentLength));
    }

    private void Drop(IFile file)
    {
        file.Dispose();
        try
        {
            fs.Delete(file.Path);
        }
        catch (IOException error)
        {
            StorageLog.LogDeleteFailed(logger, error, file.Path);
            lock (files) files.Add(new LogFile(file.Path, LastSequence, 0));
        }
    }

    /// <summary>The timed sync. When it fails, those records were acknowledged already: the file is given up so that it is never synced again, and the failure is told.</summary>
    private void SyncUnsynced()
    {
        unsynced = false;
        if (current is null) return;
        try
        {
            current.Sync();
        }
        catch (IOException error)
        {
            StorageLog.LogIntervalSyncFailed(logger, error, current.Path);
            Suspect(error);
            Retire(lastWritten);
        }
    }

    /// <summary>The current file's sync has failed. What it held before the group that is being written was acknowledged; the system may have dropped it, and no later sync would tell.</summary>
    private void Suspect(IOException error)
    {
        if (lastWritten < currentFirst) return;
        Volatile.Write(ref suspectThrough, lastWritten);
        Suspected?.Invoke($"Log file {current!.Path} could not be synced, and the spans it holds are sealed at once: {error.Message}");
    }

    private void Full(string reason)
    {
        if (fullReason is null) StorageLog.LogFull(logger, reason);
        fullReason = reason;
    }

    private void Probe()
    {
        lastProbe = time.GetTimestamp();
        try
        {
            if (fs.Space(directory).Free - options.FileBytes < options.ReserveBytes) return;
            fullReason = null;
            StorageLog.LogHasRoom(logger);
        }
        catch (IOException error)
        {
            fullReason = error.Message;
        }
    }

    /// <param name="Last">No record that counts has a higher sequence.</param>
    private sealed record LogFile(string Path, ulong Last, long Bytes);
}
