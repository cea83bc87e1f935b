// Recognises a request that was stored already: clients retry with identical bytes when an acknowledgement got lost.
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Storage.Retries;

/// <summary>A stored request as the manifest keeps it.</summary>
internal readonly record struct RetryEntry(uint Tenant, UInt128 Fingerprint, UnixNanos At);

/// <summary>What to do with a request.</summary>
internal enum RetryVerdict
{
    /// <summary>Not seen: the caller stores it and must end with <see cref="RetryList.Complete"/> or <see cref="RetryList.Abandon"/>.</summary>
    New,

    /// <summary>The same bytes are being stored right now: await the twin's receipt.</summary>
    Pending,

    /// <summary>Stored before: answer with the known receipt.</summary>
    Known,
}

/// <summary>
/// Fingerprints of stored requests per tenant, for a window of time and at most a number of requests; beyond, the oldest are forgotten (such a retry is stored again, and its spans merge on read).
/// Any number of threads, one lock held for well under a microsecond. 32 B per entry in a ring that grows to the limit, and 4 to 8 B for the hash.
/// </summary>
internal sealed class RetryList
{
    /// <summary>Reports kept for requests of which something was rejected or cut; further ones are remembered without.</summary>
    private const int MaxReports = 10_000;

    private readonly Lock gate = new();
    private readonly long windowNanos;
    private readonly int limit;
    private readonly Dictionary<Key, Pending> pending = [];
    private readonly Dictionary<Key, DecodeReport> reports = [];
    private readonly List<RetryEntry> givenBack = [];

    // The ring: entries head .. head + count - 1, oldest first; heads and Next chain entries of equal hash, as slot + 1.
    private Entry[] ring = new Entry[64];
    private int[] heads = new int[64];
    private int head;
    private int count;
    private int fresh;

    public RetryList(TimeSpan window, int requests)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(requests, 1);
        windowNanos = window.Ticks * 100;
        limit = requests;
    }

    /// <summary>Requests remembered.</summary>
    public int Count
    {
        get
        {
            lock (gate) return count;
        }
    }

    /// <summary>Judges a request.</summary>
    /// <param name="twin">With <see cref="RetryVerdict.Pending"/>: completes with what this request is to be answered.</param>
    /// <param name="known">With <see cref="RetryVerdict.Known"/>: <see cref="WriteOutcome.AlreadyStored"/>, with the first time's report if it had anything to say and is still known.</param>
    public RetryVerdict Begin(uint tenant, UInt128 fingerprint, UnixNanos now, out Task<WriteReceipt>? twin, out WriteReceipt known)
    {
        var key = new Key(tenant, fingerprint);
        (twin, known) = (null, default);
        lock (gate)
        {
            Forget(now.Value);
            if (Find(key, now.Value))
            {
                reports.TryGetValue(key, out var report);
                known = new WriteReceipt(WriteOutcome.AlreadyStored, report);
                return RetryVerdict.Known;
            }

            if (pending.TryGetValue(key, out var first))
            {
                first.Twins ??= new TaskCompletionSource<WriteReceipt>(TaskCreationOptions.RunContinuationsAsynchronously);
                twin = first.Twins.Task;
                return RetryVerdict.Pending;
            }

            pending.Add(key, new Pending { At = now.Value });
            return RetryVerdict.New;
        }
    }

    /// <summary>Ends a request begun as new. Stored: remembered, twins are told <see cref="WriteOutcome.AlreadyStored"/>. Otherwise: forgotten, twins get the same receipt.</summary>
    public void Complete(uint tenant, UInt128 fingerprint, WriteReceipt receipt)
    {
        var key = new Key(tenant, fingerprint);
        var stored = receipt.Outcome is WriteOutcome.Stored or WriteOutcome.AlreadyStored;
        TaskCompletionSource<WriteReceipt>? twins;
        lock (gate)
        {
            if (!pending.Remove(key, out var ended)) return;
            twins = ended.Twins;
            if (stored)
            {
                Add(key, ended.At);
                fresh = Math.Min(fresh + 1, count);
                if (receipt.Report.RejectedTotal + receipt.Report.CutTotal > 0 && reports.Count < MaxReports) reports[key] = receipt.Report;
            }
        }

        twins?.SetResult(stored ? receipt with { Outcome = WriteOutcome.AlreadyStored } : receipt);
    }

    /// <summary>Ends a request begun as new that was not stored; its twins get <paramref name="receipt"/>, or a retryable refusal.</summary>
    public void Abandon(uint tenant, UInt128 fingerprint, WriteReceipt? receipt = null) =>
        Complete(tenant, fingerprint, receipt ?? new WriteReceipt(WriteOutcome.Refused, default, Refusal.DiskError));

    /// <summary>Takes what the manifest remembers: oldest first, not new to it.</summary>
    public void Seed(IEnumerable<RetryEntry> entries)
    {
        lock (gate)
        {
            foreach (var entry in entries)
            {
                var key = new Key(entry.Tenant, entry.Fingerprint);
                if (!Find(key, entry.At.Value)) Add(key, entry.At.Value);
            }
        }
    }

    /// <summary>Remembers a request read back from the log: new to the manifest unless it is there already.</summary>
    public void Replay(uint tenant, UInt128 fingerprint, UnixNanos at)
    {
        var key = new Key(tenant, fingerprint);
        lock (gate)
        {
            if (Find(key, at.Value)) return;
            Add(key, at.Value);
            fresh = Math.Min(fresh + 1, count);
        }
    }

    /// <summary>The requests remembered since the last take, oldest first: for the next manifest edit.</summary>
    public IReadOnlyList<RetryEntry> TakeNew()
    {
        lock (gate)
        {
            var taken = new List<RetryEntry>(givenBack.Count + fresh);
            taken.AddRange(givenBack);
            givenBack.Clear();
            for (var i = count - fresh; i < count; i++)
            {
                ref var entry = ref ring[(head + i) % ring.Length];
                taken.Add(new RetryEntry(entry.Tenant, entry.Fingerprint, new UnixNanos(entry.At)));
            }

            fresh = 0;
            return taken;
        }
    }

    /// <summary>Hands entries back whose edit failed: the next take has them again, first.</summary>
    public void GiveBack(IReadOnlyList<RetryEntry> entries)
    {
        lock (gate)
        {
            givenBack.InsertRange(0, entries);
            if (givenBack.Count > limit) givenBack.RemoveRange(0, givenBack.Count - limit);
        }
    }

    /// <summary>Drops what is older than the window, from the oldest on.</summary>
    private void Forget(long now)
    {
        while (count > 0 && ring[head].At < now - windowNanos) RemoveOldest();
    }

    private bool Find(in Key key, long now)
    {
        for (var slot = heads[Bucket(key)]; slot != 0; slot = ring[slot - 1].Next)
        {
            ref var entry = ref ring[slot - 1];
            if (entry.Fingerprint == key.Fingerprint && entry.Tenant == key.Tenant) return entry.At >= now - windowNanos;
        }

        return false;
    }

    private void Add(in Key key, long at)
    {
        if (count == limit) RemoveOldest();
        else if (count == ring.Length) Grow();
        var slot = (head + count) % ring.Length;
        ref var bucket = ref heads[Bucket(key)];
        ring[slot] = new Entry { Low = (ulong)key.Fingerprint, High = (ulong)(key.Fingerprint >> 64), At = at, Tenant = key.Tenant, Next = bucket };
        bucket = slot + 1;
        count++;
    }

    private void RemoveOldest()
    {
        ref var oldest = ref ring[head];
        var key = new Key(oldest.Tenant, oldest.Fingerprint);
        ref var link = ref heads[Bucket(key)];
        while (link != head + 1) link = ref ring[link - 1].Next;
        link = oldest.Next;
        if (reports.Count > 0) reports.Remove(key);
        head = (head + 1) % ring.Length;
        count--;
        fresh = Math.Min(fresh, count);
    }

    private void Grow()
    {
        var larger = new Entry[(int)Math.Min(limit, (long)ring.Length * 2)];
        for (var i = 0; i < count; i++) larger[i] = ring[(head + i) % ring.Length];
        ring = larger;
        head = 0;
        heads = new int[(int)Math.Min(1 << 30, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)larger.Length))];
        for (var i = 0; i < count; i++)
        {
            ref var bucket = ref heads[Bucket(new Key(ring[i].Tenant, ring[i].Fingerprint))];
            ring[i].Next = bucket;
            bucket = i + 1;
        }
    }

    // Fingerprints are hashes already; the tenant is mixed in by an odd multiplier (2^64 / golden ratio).
    private int Bucket(in Key key) => (int)(((ulong)key.Fingerprint ^ (key.Tenant * 0x9E3779B97F4A7C15)) & (ulong)(heads.Length - 1));

    private readonly record struct Key(uint Tenant, UInt128 Fingerprint);

    private sealed class Pending
    {
        public long At;
        public TaskCompletionSource<WriteReceipt>? Twins;
    }

    private struct Entry
    {
        public ulong Low;
        public ulong High;
        public long At;
        public uint Tenant;
        public int Next;

        public readonly UInt128 Fingerprint => new(High, Low);
    }
}
