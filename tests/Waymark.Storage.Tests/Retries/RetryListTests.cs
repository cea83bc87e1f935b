// Retried requests: recognised within window and number, twins wait, failures are forgotten, the manifest gets each entry once.
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Retries;

namespace Waymark.Storage.Tests.Retries;

public sealed class RetryListTests
{
    private static readonly WriteReceipt Stored = new(WriteOutcome.Stored, default);

    private static UnixNanos At(double seconds) => new((long)((1_000_000 + seconds) * 1e9));

    private static RetryVerdict Store(RetryList list, uint tenant, UInt128 fingerprint, double seconds)
    {
        var verdict = list.Begin(tenant, fingerprint, At(seconds), out _, out _);
        if (verdict == RetryVerdict.New) list.Complete(tenant, fingerprint, Stored);
        return verdict;
    }

    [Fact]
    public void A_stored_request_is_known_for_its_tenant_only()
    {
        var list = new RetryList(TimeSpan.FromMinutes(15), 100);
        Assert.Equal(RetryVerdict.New, Store(list, 1, 7, 0));
        Assert.Equal(RetryVerdict.Known, list.Begin(1, 7, At(1), out _, out var known));
        Assert.Equal(WriteOutcome.AlreadyStored, known.Outcome);
        Assert.Equal(RetryVerdict.New, Store(list, 2, 7, 1));
        Assert.Equal(RetryVerdict.New, Store(list, 1, (UInt128)7 << 64, 1));
    }

    [Fact]
    public void A_known_receipt_repeats_what_was_rejected_the_first_time()
    {
        var list = new RetryList(TimeSpan.FromMinutes(15), 100);
        var report = new DecodeReport { Accepted = 5 };
        report.Count(Reject.TraceIdZero);
        list.Begin(0, 1, At(0), out _, out _);
        list.Complete(0, 1, new WriteReceipt(WriteOutcome.Stored, report));
        Assert.Equal(RetryVerdict.Known, list.Begin(0, 1, At(1), out _, out var known));
        Assert.Equal(1, known.Report.RejectedTotal);
        Assert.Equal(5, known.Report.Accepted);
    }

    [Fact]
    public async Task A_twin_waits_for_the_first_and_is_told_the_same()
    {
        var list = new RetryList(TimeSpan.FromMinutes(15), 100);
        list.Begin(0, 1, At(0), out _, out _);
        Assert.Equal(RetryVerdict.Pending, list.Begin(0, 1, At(0), out var twin, out _));
        Assert.False(twin!.IsCompleted);
        list.Complete(0, 1, Stored);
        Assert.Equal(WriteOutcome.AlreadyStored, (await twin).Outcome);

        list.Begin(0, 2, At(0), out _, out _);
        list.Begin(0, 2, At(0), out twin, out _);
        list.Abandon(0, 2, new WriteReceipt(WriteOutcome.Refused, default, Refusal.DiskFull));
        Assert.Equal(Refusal.DiskFull, (await twin!).Refusal);
        Assert.Equal(RetryVerdict.New, list.Begin(0, 2, At(0), out _, out _));
    }

    [Fact]
    public void The_window_and_the_number_bound_what_is_remembered_as_a_plain_model_says()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var limit = random.Next(1, 300);
            var list = new RetryList(TimeSpan.FromSeconds(50), limit);
            var model = new List<(uint Tenant, UInt128 Fingerprint, double At)>();
            var now = 0.0;
            for (var step = 0; step < 3000; step++)
            {
                now += random.NextDouble() / 2;
                var (tenant, fingerprint) = ((uint)random.Next(2), new UInt128((ulong)random.Next(2), (ulong)random.Next(limit * 2)));
                model.RemoveAll(entry => entry.At < now - 50.0000001);
                var known = model.Exists(entry => entry.Tenant == tenant && entry.Fingerprint == fingerprint);
                Assert.Equal(known ? RetryVerdict.Known : RetryVerdict.New, Store(list, tenant, fingerprint, now));
                if (!known) model.Add((tenant, fingerprint, now));
                if (model.Count > limit) model.RemoveAt(0);
                Assert.Equal(model.Count, list.Count);
            }
        }
    }

    [Fact]
    public void Each_stored_request_goes_to_the_manifest_once_unless_given_back()
    {
        var list = new RetryList(TimeSpan.FromMinutes(15), 1000);
        list.Seed([new RetryEntry(0, 100, At(0))]);
        Assert.Empty(list.TakeNew());
        for (uint i = 0; i < 10; i++) Store(list, 0, i, 1);
        list.Replay(0, 100, At(1));
        list.Replay(0, 200, At(1));
        var taken = list.TakeNew();
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 200], taken.Select(entry => (int)entry.Fingerprint));
        Assert.Empty(list.TakeNew());
        Store(list, 0, 300, 2);
        list.GiveBack(taken);
        Assert.Equal([.. taken, new RetryEntry(0, 300, At(2))], list.TakeNew());
        Assert.Equal(RetryVerdict.Known, Store(list, 0, 100, 3));
        Assert.Equal(RetryVerdict.Known, Store(list, 0, 200, 3));
    }

    [Fact]
    public void A_million_requests_take_at_most_64_bytes_each()
    {
        const int Requests = 1_000_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var list = new RetryList(TimeSpan.FromMinutes(15), Requests);
        list.Seed(Enumerable.Range(0, Requests + 10).Select(i => new RetryEntry(0, new UInt128(1, (ulong)i * 0x9E3779B97F4A7C15), At(0))));
        // All the arrays it went through while growing add up to twice the last ones.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Requests * 64L * 2);
        Assert.Equal(Requests, list.Count);
        Assert.Equal(RetryVerdict.New, list.Begin(0, new UInt128(1, 0), At(1), out _, out _));
        Assert.Equal(RetryVerdict.Known, list.Begin(0, new UInt128(1, unchecked(10UL * 0x9E3779B97F4A7C15)), At(1), out _, out _));
    }

    [Fact]
    public async Task One_of_many_at_once_is_new_and_the_others_hear_from_it()
    {
        var list = new RetryList(TimeSpan.FromMinutes(15), 1000);
        var verdicts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var stored = 0;
            for (uint i = 0; i < 500; i++)
            {
                var verdict = list.Begin(0, i, At(0), out var twin, out var known);
                if (verdict == RetryVerdict.New)
                {
                    stored++;
                    await Task.Yield();
                    list.Complete(0, i, Stored);
                }

                if (verdict == RetryVerdict.Pending) Assert.Equal(WriteOutcome.AlreadyStored, (await twin!).Outcome);
                if (verdict == RetryVerdict.Known) Assert.Equal(WriteOutcome.AlreadyStored, known.Outcome);
            }

            return stored;
        })));
        Assert.Equal(500, verdicts.Sum());
    }
}
