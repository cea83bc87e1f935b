// The store's housekeeping: when to seal, when to delete, and how long writers wait when sealing is behind.
// Exception policy: a failure is logged, kept as the reason writes may be refused, and tried again; it never ends the loop.
using Waymark.Model.Spans;
using Waymark.Storage.Catalog;
using Waymark.Storage.Head;
using Waymark.Storage.Retention;
using Waymark.Storage.Sealing;
using Waymark.Storage.Wal;

namespace Waymark.Storage;

/// <summary>One background task that seals heads when they are large or old, and applies retention.</summary>
internal sealed class Keeper : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetentionEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>How long a write waits for memory before it is refused.</summary>
    private static readonly TimeSpan MemoryWait = TimeSpan.FromSeconds(2);

    private readonly StoreParts parts;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim wake = new(0, 1);
    private readonly SemaphoreSlim sealing = new(1, 1);
    private readonly SealThread thread = new();
    private readonly Task loop;
    private SealJob? job;
    private CarriedHead? carried;

    // Bytes of heads that no lane owns: those of the job, and the carried one.
    private long unsealedBytes;
    private long carriedBytes;
    private TaskCompletionSource roomMade = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long lastRetention;
    private long lastTaken;
    private Task? woken;
    private volatile Exception? blocked;

    public Keeper(StoreParts parts)
    {
        this.parts = parts;
        NoteCarried(parts.Carried);
        lastRetention = lastTaken = parts.Time.GetTimestamp();
        loop = Task.Run(RunAsync);
    }

    /// <summary>Why sealing fails at present; null while it doesn't.</summary>
    public Exception? Blocked => blocked;

    /// <summary>Called after each write: wakes the loop when it is time to seal.</summary>
    public void NoteWrite()
    {
        if (IsLargeEnough()) Wake();
    }

    /// <summary>Called by the log when acknowledged records may not be on disk any more.</summary>
    public void NoteSuspectLog(string alarm)
    {
        parts.Alarms.Add(alarm);
        Wake();
    }

    /// <summary>True when there is room for another request, perhaps after a wait; false when there still is none after <see cref="MemoryWait"/>.</summary>
    public async ValueTask<bool> WaitForMemoryAsync(CancellationToken cancellation)
    {
        if (HeadBytes() < parts.Options.MemoryBytes) return true;
        var until = parts.Time.GetTimestamp() + (long)(MemoryWait.TotalSeconds * parts.Time.TimestampFrequency);
        while (HeadBytes() >= parts.Options.MemoryBytes)
        {
            var left = parts.Time.GetElapsedTime(parts.Time.GetTimestamp(), until);
            if (left <= TimeSpan.Zero || blocked is not null || stop.IsCancellationRequested) return false;
            var signal = Volatile.Read(ref roomMade).Task;
            Wake();
            try
            {
                await signal.WaitAsync(left < Tick ? left : Tick, parts.Time, cancellation);
            }
            catch (TimeoutException)
            {
                // Measured again above.
            }
        }
        return true;
    }

    /// <summary>Seals everything in memory and applies retention.</summary>
    public async Task SealNowAsync()
    {
        await sealing.WaitAsync();
        try
        {
            // What an earlier failure left behind goes first, into a segment of its own; what came since follows.
            if (job is not null) await SealAsync(mayCarry: false);
            await SealAsync(mayCarry: false);
            ApplyRetention();
        }
        finally
        {
            sealing.Release();
        }
    }

    /// <summary>Seals as the loop does.</summary>
    public Task SealLingeringAsync() => LockedAsync(() => SealAsync(mayCarry: true));

    /// <summary>Ends the loop and seals what is left; what can't be sealed stays in the log.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        Wake();
        await loop;
        NoteRoom();
        try
        {
            await SealNowAsync();
        }
        catch (IOException error)
        {
            StorageLog.SealFailed(parts.Logger, error);
        }
        finally
        {
            // After a failure these are heads no lane owns any more.
            if (job is { } left)
            {
                parts.State.ReplaceHeads(left.Heads, null);
                foreach (var head in left.Heads) head.Dispose();
                left.Carry?.Dispose();
            }
        }
    }

    /// <summary>After <see cref="StopAsync"/>.</summary>
    public void Dispose()
    {
        stop.Dispose();
        wake.Dispose();
        sealing.Dispose();
        thread.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            var failed = false;
            try
            {
                // Asked again inside: a seal that was under way may have left nothing to do.
                if (IsTimeToSeal()) await LockedAsync(() => IsTimeToSeal() ? SealAsync(mayCarry: true) : Task.CompletedTask);
                blocked = null;
            }
            catch (Exception error)
            {
                // Not only I/O: a defect here must show as refused writes with a reason, not as a store that silently never seals again.
                if (blocked is null) StorageLog.SealFailed(parts.Logger, error);
                blocked = error;
                failed = true;
            }
            await RetainAsync();
            await PauseAsync(failed ? RetryAfterFailure : Tick);
        }
    }

    /// <summary>Retention, when it is due. Its failure keeps old data a little longer and no write from being taken.</summary>
    private async Task RetainAsync()
    {
        if (parts.Time.GetElapsedTime(lastRetention) < RetentionEvery) return;
        try
        {
            await LockedAsync(ApplyRetentionAsync);
        }
        catch (Exception error)
        {
            StorageLog.RetentionFailed(parts.Logger, error);
        }
    }

    /// <summary>Until it is woken, the delay is over, or it is to stop.</summary>
    private async Task PauseAsync(TimeSpan delay)
    {
        // One waiter for as long as it takes: an abandoned one would swallow a later wake-up.
        woken ??= wake.WaitAsync(stop.Token);
        await Task.WhenAny(woken, Task.Delay(delay, parts.Time, stop.Token));
        if (woken.IsCompleted) woken = null;
    }

    private async Task LockedAsync(Func<Task> action)
    {
        await sealing.WaitAsync();
        try
        {
            await action();
        }
        finally
        {
            sealing.Release();
        }
    }

    private bool IsTimeToSeal()
    {
        if (job is not null || IsLargeEnough() || IsLogSuspect()) return true;
        // Carried spans count from when they were left out: what is too old to be carried again has been in two heads at most.
        var oldest = carried?.At ?? UnixNanos.Max;
        foreach (var lane in parts.Lanes)
        {
            var head = lane.Head;
            if (head.Visible > 0 && head.BatchOf(0).ReceivedAt < oldest) oldest = head.BatchOf(0).ReceivedAt;
        }
        // A clock set back by as much counts too: nobody knows how long those spans have been waiting.
        return oldest < UnixNanos.Max && Math.Abs(UnixNanos.Now(parts.Time).Value - oldest.Value) >= parts.Options.SealAge.Ticks * 100;
    }

    private long ActiveBytes()
    {
        long bytes = 0;
        foreach (var lane in parts.Lanes) bytes += lane.HeadBytes;
        return bytes;
    }

    /// <summary>Bytes of all heads, those being sealed included.</summary>
    private long HeadBytes() => ActiveBytes() + Volatile.Read(ref unsealedBytes) + Volatile.Read(ref carriedBytes);

    /// <summary>Carried spans take their part of the next segment, but at most half: alone they are no reason to seal.</summary>
    private bool IsLargeEnough() => ActiveBytes() >= Math.Max(parts.Options.SealBytes - Volatile.Read(ref carriedBytes), parts.Options.SealBytes / 2);

    /// <summary>A file of the log failed to sync: what it holds must be in a segment (docs/decisions/006-failed-sync.md).</summary>
    private bool IsLogSuspect() => parts.Log!.SuspectThrough > parts.Catalog.LogCovered;

    private void Wake()
    {
        try
        {
            if (wake.CurrentCount == 0) wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else woke it at the same moment.
        }
    }

    private async Task SealAsync(bool mayCarry)
    {
        job ??= TakeHeads(mayCarry);
        if (job is not { } taken) return;
        // Requests that were decoded but are still on their way through the log.
        while (taken.Heads.Any(h => parts.Lanes.Any(l => l.IsWaiting(h)))) await Task.Delay(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        await CarryAsync(taken);
        await thread.RunAsync(() => parts.Sealer.Seal(taken.Heads, taken.Through, taken.Carry));
        job = null;
        NoteCarried(taken.Carry?.Carried);
        foreach (var head in taken.Heads) head.Dispose();
        parts.Log!.DeleteThrough(taken.Through);
        Volatile.Write(ref unsealedBytes, 0);
        NoteRoom();
    }

    /// <summary>Decides once what the job's segment leaves out, and puts it into the log. When the log has no room or fails, nothing is left out.</summary>
    private async Task CarryAsync(SealJob taken)
    {
        if (!taken.MayCarry) return;
        taken.MayCarry = false;
        var now = UnixNanos.Now(parts.Time);
        var rule = new CarryRule(parts.Options.Linger, parts.Options.SealAge, parts.Options.CarryShare).For(taken.Filling, parts.Options.LeastCarryShare);
        var carry = await thread.RunAsync(() => CarryOver.Make(taken.Heads, now, rule));
        if (carry is null) return;
        var payload = carry.Payload.WrittenMemory;
        var ticket = parts.Log!.Append(new WalEntry(default, default, false, 0, now, default, payload.Length, carry.Spans, payload) { IsCarryOver = true });
        var outcome = await ticket.Completion;
        if (outcome != WalOutcome.Durable)
        {
            carry.Dispose();
            return;
        }
        carry.Payload.Dispose();
        carry.Sequence = ticket.Sequence;
        taken.Carry = carry;
    }

    private void NoteCarried(CarriedHead? next)
    {
        carried = next;
        Volatile.Write(ref carriedBytes, next?.Head.Bytes ?? 0);
    }

    private void NoteRoom() => Interlocked.Exchange(ref roomMade, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>All lanes at one moment, so that "every record up to the last given out" is in the heads that were swapped out. Null when they hold nothing.</summary>
    private SealJob? TakeHeads(bool mayCarry)
    {
        foreach (var lane in parts.Lanes) Monitor.Enter(lane.Gate);
        try
        {
            // Dictionaries grow by rejected requests too: a head without spans can still be too large.
            if (carried is null && parts.Lanes.All(l => l.Head.Spans.Count == 0) && ActiveBytes() < parts.Options.SealBytes) return null;
            Volatile.Write(ref unsealedBytes, ActiveBytes() + carriedBytes);
            // On a disk that fails, memory is emptied.
            mayCarry &= parts.Options.Linger > TimeSpan.Zero && parts.Log!.FullReason is null && !IsLogSuspect();
            var heads = new List<SpanHead>();
            if (carried is not null) heads.Add(carried.Head);
            var through = parts.Log!.LastSequence;
            foreach (var lane in parts.Lanes)
            {
                heads.Add(lane.Swap());
                parts.State.AddHeads([lane.Head]);
            }
            NoteCarried(null);
            var now = parts.Time.GetTimestamp();
            var filling = parts.Time.GetElapsedTime(lastTaken, now);
            lastTaken = now;
            return new SealJob([.. heads], through, filling, mayCarry);
        }
        finally
        {
            foreach (var lane in parts.Lanes) Monitor.Exit(lane.Gate);
        }
    }

    private Task ApplyRetentionAsync()
    {
        ApplyRetention();
        return Task.CompletedTask;
    }

    private void ApplyRetention()
    {
        lastRetention = parts.Time.GetTimestamp();
        var share = (long)(parts.Files.Space(parts.Paths.Root).Total * parts.Options.RetentionVolumeShare);
        var expired = RetentionRule.Expired(parts.Catalog.Segments, UnixNanos.Now(parts.Time), parts.Options.RetentionAge, Math.Min(parts.Options.RetentionBytes, share));
        if (expired.Count == 0) return;
        var ids = expired.Select(e => e.Id).ToHashSet();
        parts.Catalog.Apply(new CatalogEdit { Drop = [.. ids] });
        var gone = parts.State.Segments.Where(s => ids.Contains(s.Entry.Id)).ToArray();
        parts.State.RemoveSegments(gone);
        foreach (var segment in gone)
        {
            segment.DeleteWhenUnused();
            segment.Dispose();
        }
        foreach (var entry in expired) StorageLog.SegmentExpired(parts.Logger, entry.Id, entry.Spans, entry.Bytes);
        // Segments too broken to open have their time like all others, and nobody reads them.
        foreach (var path in ids.Except(gone.Select(s => s.Entry.Id)).Select(parts.Paths.Segment))
        {
            if (parts.Files.Exists(path)) parts.Files.Delete(path);
        }
    }

    /// <summary>Heads on their way into one segment, over as many attempts as that takes.</summary>
    /// <param name="Through">The log's records up to here are in the heads or in segments.</param>
    /// <param name="Filling">Since the heads before them were taken.</param>
    private sealed record SealJob(SpanHead[] Heads, ulong Through, TimeSpan Filling, bool Carries)
    {
        /// <summary>Not decided yet whether something is left out.</summary>
        public bool MayCarry { get; set; } = Carries;

        public CarryOver? Carry { get; set; }
    }
}
