// Traces that a seal leaves in memory because their spans are still coming in: which, how many, how often, and that nobody who asks can tell.
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Checking;
using Waymark.Storage.Sealing;
using Waymark.Storage.Tests.Checking;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public sealed class CarryOverTests
{
    private static readonly UnixNanos Epoch = new(1_767_225_600_000_000_000);
    private static readonly StoreOptions Options = TestStore.SmallOptions with { LogFileBytes = 1 << 20, CarryShare = 0.5, LeastCarryShare = 1 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_youngest_traces_stay_in_memory_and_the_rest_is_sealed()
    {
        await using var test = await TestStore.OpenAsync(Options);
        for (var t = 0; t < 10; t++)
        {
            test.Time.Advance(TimeSpan.FromSeconds(1));
            await test.WriteAsync(Span(t, 1), Span(t, 2));
        }
        // The first one again: as young as the last.
        await test.WriteAsync(Span(0, 3));
        await test.Store.SealLingeringAsync();
        // Of 21 spans at most 10: those of trace 0, then of 9, 8 and 7, and one more would be too many.
        Assert.Equal((9, 1), (test.Store.GetStatus().HeadSpans, test.Store.GetStatus().Segments));
        await test.AssertSameAsync();
        await test.CrashAsync();
        Assert.Equal((9, 1), (test.Store.GetStatus().HeadSpans, test.Store.GetStatus().Segments));
        await test.AssertSameAsync();
        await test.WriteAsync(Span(0, 4), Span(7, 3), Span(1, 3));
        await test.AssertSameAsync();
        // Trace 1 alone has come to be in two pieces.
        Assert.Equal(10 + 1, await PiecesAsync(test));
        await test.AssertSameAsync();
    }

    [Fact]
    public async Task A_trace_without_a_new_span_is_sealed_once_it_has_lingered()
    {
        await using var test = await TestStore.OpenAsync(Options);
        await test.WriteAsync(Span(1, 1), Span(2, 1));
        await test.Store.SealLingeringAsync();
        Assert.Equal(1, test.Store.GetStatus().HeadSpans);
        test.Time.Advance(TimeSpan.FromSeconds(9));
        await test.WriteAsync(Span(3, 1), Span(4, 1), Span(5, 1));
        await test.Store.SealLingeringAsync();
        test.Time.Advance(TimeSpan.FromSeconds(2));
        await test.WriteAsync(Span(6, 1), Span(7, 1));
        await test.Store.SealLingeringAsync();
        test.Time.Advance(TimeSpan.FromSeconds(10));
        await test.Store.SealLingeringAsync();
        Assert.Equal(0, test.Store.GetStatus().HeadSpans);
        await test.AssertSameAsync();
    }

    [Fact]
    public async Task A_trace_that_goes_on_for_ever_is_carried_over_no_longer_than_the_age_of_a_head()
    {
        await using var test = await TestStore.OpenAsync(Options with { SealAge = TimeSpan.FromMinutes(1), CarryShare = 1, LeastCarryShare = 1 });
        var spans = 0;
        while (test.Store.GetStatus().Segments == 0)
        {
            await test.WriteAsync(Span(1, ++spans));
            await test.Store.SealLingeringAsync();
            Assert.Equal(spans, (await test.Store.FindTraceAsync(Id(1), Cancellation))!.Count);
            test.Time.Advance(TimeSpan.FromSeconds(5));
        }
        Assert.Equal(13, spans);
        Assert.Equal(0, test.Store.GetStatus().HeadSpans);
        await test.AssertSameAsync();
    }

    [Fact]
    public async Task What_was_carried_over_is_sealed_at_the_age_of_a_head_though_nothing_else_comes()
    {
        await using var test = await TestStore.OpenAsync(Options);
        await test.WriteAsync(Span(1, 1), Span(2, 1));
        await test.Store.SealLingeringAsync();
        await test.KillAsync();
        Assert.Equal(1, test.Store.GetStatus().HeadSpans);
        test.Time.Advance(TimeSpan.FromMinutes(10));
        for (var i = 0; i < 500 && test.Store.GetStatus().HeadSpans > 0; i++) await Task.Delay(20, Cancellation);
        Assert.Equal((0, 2), (test.Store.GetStatus().HeadSpans, test.Store.GetStatus().Segments));
        await test.AssertSameAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_carried_over_when_it_is_switched_off_or_memory_is_to_be_emptied(bool isOff)
    {
        var test = await TestStore.OpenAsync(Options with { Linger = isOff ? TimeSpan.Zero : TimeSpan.FromSeconds(10) });
        await test.WriteAsync(Span(1, 1), Span(2, 1));
        await (isOff ? test.Store.SealLingeringAsync() : test.Store.SealNowAsync());
        Assert.Equal((0, 1), (test.Store.GetStatus().HeadSpans, test.Store.GetStatus().Segments));
        await test.WriteAsync(Span(3, 1), Span(4, 1));
        await test.Store.SealLingeringAsync();
        await test.ReopenAsync();
        Assert.Equal(0, test.Store.GetStatus().HeadSpans);
        await test.AssertSameAsync();
        await test.DisposeAsync();
    }

    [Fact]
    public async Task Repeated_spans_and_known_requests_are_told_as_ever()
    {
        await using var test = await TestStore.OpenAsync(Options with { CarryShare = 1, LeastCarryShare = 1 });
        for (var n = 0; n < 5; n++)
        {
            await test.WriteAsync(Span(1, 1) with { StatusMessage = $"try {n}" }, Span(2, n + 1));
            test.Time.Advance(TimeSpan.FromSeconds(1));
            await test.Store.SealLingeringAsync();
            Assert.Equal(0, test.Store.GetStatus().Segments);
        }
        Assert.Equal(WriteOutcome.AlreadyStored, (await test.WriteAsync(Span(1, 1) with { StatusMessage = "try 2" }, Span(2, 3))).Outcome);
        Assert.Equal(4, (await test.Store.FindTraceAsync(Id(1), Cancellation))!.Traces[0].Duplicates);
        await test.AssertSameAsync();
        await test.CrashAsync();
        Assert.Equal(WriteOutcome.AlreadyStored, (await test.WriteAsync(Span(1, 1) with { StatusMessage = "try 2" }, Span(2, 3))).Outcome);
        await test.AssertSameAsync();
        await test.Store.SealNowAsync();
        await test.AssertSameAsync();
    }

    [Fact]
    public async Task Log_files_go_although_some_of_their_spans_are_still_in_memory()
    {
        await using var test = await TestStore.OpenAsync(Options with { LogFileBytes = 4096 });
        for (var t = 0; t < 200; t++)
        {
            await test.WriteAsync(Enumerable.Range(1, 5).Select(n => Span(t, n)));
            if (t % 10 != 9) continue;
            await test.Store.SealLingeringAsync();
            Assert.NotEqual(0, test.Store.GetStatus().HeadSpans);
            Assert.InRange(test.Files.List("/store/wal").Count, 1, 12);
        }
        await test.KillAsync();
        await test.AssertSameAsync();
    }

    [Fact]
    public async Task When_the_log_takes_no_record_everything_is_sealed()
    {
        await using var test = await TestStore.OpenAsync(Options);
        await test.WriteAsync(Span(1, 1), Span(2, 1));
        test.Files.Before = (what, path) =>
        {
            if (path.Contains("/wal/", StringComparison.Ordinal) && what != "delete") throw new IOException("No log, says the test.");
        };
        await test.Store.SealLingeringAsync();
        test.Files.Before = null;
        Assert.Equal((0, 1), (test.Store.GetStatus().HeadSpans, test.Store.GetStatus().Segments));
        await test.CrashAsync();
        await test.AssertSameAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_seal_that_failed_after_its_record_is_made_up_for_with_the_same_record(bool isKilled)
    {
        await using var test = await TestStore.OpenAsync(Options);
        await test.WriteAsync(Span(1, 1), Span(2, 1));
        test.Files.Before = (what, path) =>
        {
            if (path.Contains("manifest", StringComparison.Ordinal) && what != "delete") throw new IOException("No manifest, says the test.");
        };
        await Assert.ThrowsAsync<IOException>(test.Store.SealLingeringAsync);
        Assert.Equal(2, test.Store.GetStatus().HeadSpans);
        await test.AssertSameAsync();
        var disk = test.Files;
        if (isKilled) await test.KillAsync();
        disk.Before = null;
        await test.AssertSameAsync();
        await test.WriteAsync(Span(1, 2), Span(2, 2));
        for (var i = 0; i < 3; i++)
        {
            await test.Store.SealLingeringAsync();
            await test.AssertSameAsync();
            await test.CrashAsync();
            await test.AssertSameAsync();
        }
    }

    [Fact]
    public async Task A_seal_that_fails_by_a_defect_forgets_no_known_request()
    {
        await using var test = await TestStore.OpenAsync(Options);
        await test.WriteAsync(Span(1, 1), Span(2, 1));
        test.Files.Before = (_, path) =>
        {
            if (path.Contains("segments", StringComparison.Ordinal)) throw new InvalidOperationException("A defect, says the test.");
        };
        await Assert.ThrowsAsync<InvalidOperationException>(test.Store.SealNowAsync);
        test.Files.Before = null;
        await test.Store.SealNowAsync();
        await test.CrashAsync();
        Assert.Equal(WriteOutcome.AlreadyStored, (await test.WriteAsync(Span(1, 1), Span(2, 1))).Outcome);
        await test.AssertSameAsync();
    }

    [Fact]
    public async Task A_carry_over_record_that_is_lost_is_told()
    {
        await using var test = await TestStore.OpenAsync(Options);
        await test.WriteAsync(Span(1, 1), Span(2, 1));
        await test.Store.SealLingeringAsync();
        var disk = test.Files.Restart();
        var path = disk.List("/store/wal")[^1];
        // The last record of the log: by itself it would look like a write that was never finished.
        var last = Array.FindLastIndex(disk.Disk.Content(path), b => b != 0);
        Assert.Empty(Checks.Verify(disk, root: "/store").Findings);
        Assert.Equal(1, Checks.Verify(disk, root: "/store").Checked.LogSpans);
        var manifest = Checks.Inspect(disk, "/store/manifest");
        Assert.Contains(manifest.Facts, f => f.Key == "logCarried");
        Assert.Contains(manifest.Facts, f => f.Key == "version" && f.Value.Text == "1.1");
        Assert.Contains(Checks.Inspect(disk, path).Facts, f => f.Key == "version" && f.Value.Text == "1.1");
        disk.Disk.Corrupt(path, last, 0x10);
        Assert.Contains(Checks.Verify(disk, root: "/store").Findings, f => f.Severity == CheckSeverity.Damage && f.What.Contains("carried over", StringComparison.Ordinal));
        await using var store = await SpanStore.OpenAsync(disk, null, Options, new Protocols.Otlp.OtlpBodyDecoder(), test.Time, NullLogger.Instance, Cancellation);
        Assert.Contains(store.GetStatus().Alarms, a => a.Contains("carried over", StringComparison.Ordinal));
        Assert.Equal(1, store.GetStatus().Spans);
    }

    [Fact]
    public async Task Fewer_traces_are_split_when_the_youngest_linger()
    {
        var without = await SplitsAsync(TimeSpan.Zero, 0.1);
        var with = await SplitsAsync(TimeSpan.FromSeconds(10), 0.1);
        var most = await SplitsAsync(TimeSpan.FromSeconds(10), 0.5);
        TestContext.Current.SendDiagnosticMessage($"Pieces beyond the first, of 2,000 traces: {without} without, {with} with a tenth, {most} with half carried over.");
        Assert.True(with < without * 0.85, $"{with} pieces more than traces with carry-over, {without} without");
        Assert.True(most < with, $"{most} with half of a head, {with} with a tenth");
    }

    [Theory]
    [InlineData(60, 0.1)]
    [InlineData(2.5, 0.1)]
    [InlineData(1.25, 0.05)]
    [InlineData(0.01, 0.01)]
    public void What_is_carried_over_shrinks_with_the_time_in_which_memory_fills(double seconds, double share) =>
        Assert.Equal(share, new CarryRule(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10), 0.1).For(TimeSpan.FromSeconds(seconds), 0.01).Share, 6);

    [Fact]
    public void The_least_share_is_no_more_than_the_share() =>
        Assert.Equal(0.1, new CarryRule(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10), 0.1).For(TimeSpan.Zero, 1).Share, 6);

    /// <summary>Traces of eight spans that come in over some seconds, while a head fills every two: returns the pieces beyond the first of each trace.</summary>
    private static async Task<int> SplitsAsync(TimeSpan linger, double share)
    {
        const int Traces = 2000;
        var random = new Random(11);
        var arrivals = new List<(double At, NaiveSpan Span)>();
        for (var t = 0; t < Traces; t++)
        {
            // Median 0.3 s, 95 % within 2.6 s, as senders with batches of five seconds have it.
            var (begin, spread) = (t * 0.02, Math.Min(5.2, 0.3 * Math.Exp(1.31 * Normal(random))));
            for (var n = 1; n <= 8; n++) arrivals.Add((begin + (n == 8 ? spread : random.NextDouble() * spread), Span(t, n)));
        }
        arrivals.Sort((a, b) => a.At.CompareTo(b.At));
        await using var test = await TestStore.OpenAsync(Options with { Linger = linger, CarryShare = share, LeastCarryShare = 1 });
        double now = 0, sealedAt = 0;
        foreach (var chunk in arrivals.Chunk(40))
        {
            test.Time.Advance(TimeSpan.FromSeconds(chunk[^1].At - now));
            now = chunk[^1].At;
            Assert.Equal(WriteOutcome.Stored, (await test.Store.WriteAsync(Requests.Protobuf(chunk.Select(a => a.Span)), Cancellation)).Outcome);
            if (now - sealedAt < 2) continue;
            await test.Store.SealLingeringAsync();
            sealedAt = now;
        }
        Assert.Equal(Traces, test.Store.GetStatus().Traces);
        return await PiecesAsync(test) - Traces;

        static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    /// <summary>Seals all and counts the traces of each segment: one that is in two of them counts twice.</summary>
    private static async Task<int> PiecesAsync(TestStore test)
    {
        await test.Store.SealNowAsync();
        using var catalog = Storage.Catalog.Catalog.Open(test.Files.Restart(), "/store", test.Time, NullLogger.Instance);
        return (int)catalog.Segments.Sum(s => s.Traces);
    }

    private static TraceId Id(int trace) => new(9, (ulong)trace + 1);

    private static NaiveSpan Span(int trace, int span) => new()
    {
        TraceId = Id(trace),
        SpanId = new SpanId((ulong)span),
        ParentSpanId = new SpanId(span > 1 ? 1UL : 0),
        Name = $"step {span}",
        Start = new UnixNanos(Epoch.Value + (trace * 1000) + span),
        End = new UnixNanos(Epoch.Value + (trace * 1000) + span + 10),
        Kind = SpanKind.Server,
        Resource = NaiveResource.Of($"service {trace % 3}"),
        Attributes = [NaiveAttribute.Int("n", span)],
    };
}
