// A client's life with a store whose disk goes wrong: it sends, is refused, sends again; its operator restarts. Then the disk is looked at.
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Stores;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Faults;

/// <summary>Runs a script against a store over a <see cref="FaultFileSystem"/> and remembers what was promised.</summary>
/// <param name="lingers">Seals leave young traces in memory, most of what there is; nothing expires then, because a request's spans may be in several segments.</param>
internal sealed class StoreClient(FaultFileSystem disk, Durability durability = Durability.Sync, bool lingers = false)
{
    public const string Directory = "/data";
    private const int MaxTries = 600;

    private readonly TestTime time = new();
    private readonly List<SentRequest> acknowledged = [];
    private SpanStore? store;
    private int mayBeExpired;

    /// <summary>Every request that was handed to the store, in order.</summary>
    public List<SentRequest> Sent { get; } = [];

    public int Refusals { get; private set; }

    /// <summary>The most spans that were in memory after a seal.</summary>
    public long MostCarried { get; private set; }

    public static StoreOptions Options(Durability durability = Durability.Sync, long retentionBytes = long.MaxValue) => new()
    {
        Directory = Directory,
        Durability = durability,
        Lanes = 2,
        LogFileBytes = 16 << 10,
        ReserveBytes = 0,
        RetentionBytes = retentionBytes,
        RetentionVolumeShare = 1,
    };

    public static Task<SpanStore> OpenAsync(FaultFileSystem disk, StoreOptions options, TimeProvider? time = null) =>
        SpanStore.OpenAsync(disk, null, options, SentRequest.Decoder, time ?? new TestTime(), NullLogger.Instance, CancellationToken.None);

    /// <summary>The whole script; ends early when the process is gone.</summary>
    public async Task RunAsync(string context)
    {
        var random = new RandomSpans(42) { MaxSpans = 6 };
        List<NaiveSpan> first = [.. random.Trace(), .. random.Trace()], second = random.Trace(), third = [.. random.Trace(), .. random.Trace()];
        // Two traces come in pieces: one over two segments, one into a segment and memory.
        var late = first.Where((_, i) => i % 3 == 2).ToList();
        var later = second.Skip(second.Count / 2).ToList();
        var early = SentRequest.Protobuf("first", first.Except(late));
        Func<Task>[] steps =
        [
            () => RestartAsync(),
            () => SendAsync(early),
            () => SendAsync(SentRequest.Gzip("gzip", second.Take(second.Count / 2).Append(random.Span()))),
            () => SendAsync(SentRequest.Malformed("malformed", random.Trace())),
            () => SendAgainAsync(early),
            () => SealAsync(),
            () => SendAsync(SentRequest.Protobuf("late", late.Append(random.Span()))),
            () => SendAsync(SentRequest.WithRejected("rejected", random.Trace())),
            () => Task.WhenAll(SendAsync(SentRequest.Json("json", 77)), SendAsync(SentRequest.Protobuf("third", third)), SendAsync(SentRequest.Gzip("beside", random.Trace()))),
            () => SealAsync(),
            () => lingers ? SealAsync() : ExpireAsync(),
            () => SendAsync(SentRequest.Protobuf("later", later.Append(random.Span()))),
            () => RestartAsync(),
            () => SendAgainAsync(early),
            () => SendAsync(SentRequest.Protobuf("last", random.Trace())),
        ];
        try
        {
            for (var i = 0; i < steps.Length && !disk.Crashed; i++)
            {
                await steps[i]();
                if (!disk.Crashed && i % 3 == 0) await QueryAsync(context);
            }
        }
        catch (IOException) when (disk.Crashed)
        {
            // The process is gone; what its disk holds is what counts.
        }
        await CloseAsync();
    }

    /// <summary>
    /// What is on a disk is what was promised: opens it, checks, sends again what was never answered, writes something new, opens it once more.
    /// </summary>
    /// <param name="mayAlarm">A power cut may have torn several unsynced writes, which looks like damage.</param>
    public async Task CheckAsync(FaultFileSystem image, string context, bool mayAlarm = false, bool mayLose = false)
    {
        time.Advance(TimeSpan.FromSeconds(5));
        var reopened = await OpenAsync(image, Mine(), time);
        var answers = await StoreAnswers.AskAsync(reopened, context);
        Assert.True(mayAlarm || answers.Status.Alarms.Count == 0, $"{context}: {StoreAnswers.Alarms(answers.Status)}");

        var expired = acknowledged.Take(mayBeExpired).TakeWhile(r => !Holds(answers, r, context)).ToHashSet();
        var present = new List<SentRequest>();
        foreach (var request in Sent.Where(r => !expired.Contains(r)))
        {
            if (Holds(answers, request, context)) present.Add(request);
            else Assert.True(mayLose || !request.IsAcknowledged, $"{context}: {request} was acknowledged and is gone; {StoreAnswers.Alarms(answers.Status)}");
        }
        await StoreAnswers.RequireExactlyAsync(reopened, Spans(present), context);

        // The client sends again, with the same bytes, what it got no answer to.
        foreach (var request in Sent.Where(r => !expired.Contains(r) && (!r.IsAcknowledged || mayLose) && r.Spans.Count > 0))
        {
            var receipt = await reopened.WriteAsync(request.Request, CancellationToken.None);
            var wanted = present.Contains(request) ? WriteOutcome.AlreadyStored : WriteOutcome.Stored;
            Assert.True(receipt.Outcome == wanted, $"{context}: {request} again: {receipt.Outcome}, {receipt.Refusal}; expected {wanted}");
            if (wanted == WriteOutcome.Stored) present.Add(request);
        }
        var fresh = SentRequest.Json("fresh", 4711);
        Assert.Equal(WriteOutcome.Stored, (await reopened.WriteAsync(fresh.Request, CancellationToken.None)).Outcome);
        present.Add(fresh);
        await StoreAnswers.RequireExactlyAsync(reopened, Spans(present), context + ", sent again");
        await reopened.DisposeAsync();

        var second = await OpenAsync(image, Mine(), time);
        var status = (await StoreAnswers.RequireExactlyAsync(second, Spans(present), context + ", second start")).Status;
        RequireExplained(image, status, mayAlarm, context);
        await second.DisposeAsync();
    }

    public async Task CloseAsync()
    {
        if (store is null) return;
        await store.DisposeAsync();
        store = null;
    }

    public async Task RestartAsync(long retentionBytes = long.MaxValue)
    {
        await CloseAsync();
        try
        {
            store = await OpenAsync(disk, Mine(retentionBytes), time);
        }
        catch (IOException refused) when (!disk.Crashed)
        {
            // One fault; the operator starts it once more.
            Assert.Contains(Directory, refused.Message, StringComparison.Ordinal);
            store = await OpenAsync(disk, Mine(retentionBytes), time);
        }
    }

    public async Task SendAsync(SentRequest request)
    {
        lock (Sent) Sent.Add(request);
        request.IsSent = true;
        for (var attempt = 1; !disk.Crashed; attempt++)
        {
            var receipt = await store!.WriteAsync(request.Request, CancellationToken.None);
            if (receipt.Outcome is WriteOutcome.Stored or WriteOutcome.AlreadyStored)
            {
                request.IsAcknowledged = true;
                lock (Sent) acknowledged.Add(request);
                return;
            }
            if (request.Spans.Count == 0)
            {
                Assert.Equal(WriteOutcome.Malformed, receipt.Outcome);
                return;
            }
            Assert.Equal(WriteOutcome.Refused, receipt.Outcome);
            if (disk.Crashed) return;
            Refusals++;
            Assert.True(attempt < (receipt.Refusal == Refusal.DiskFull ? MaxTries : 4), $"{request} is still refused ({receipt.Refusal}) after {attempt} tries");
            time.Advance(TimeSpan.FromSeconds(1.1));
            if (receipt.Refusal == Refusal.DiskFull) await Task.Delay(20);
        }
    }

    private async Task SendAgainAsync(SentRequest request)
    {
        var receipt = await store!.WriteAsync(request.Request, CancellationToken.None);
        if (!disk.Crashed && receipt.Outcome != WriteOutcome.Refused) Assert.Equal(WriteOutcome.AlreadyStored, receipt.Outcome);
    }

    private async Task SealAsync()
    {
        try
        {
            await SealOnceAsync();
        }
        catch (IOException) when (!disk.Crashed)
        {
            await SealOnceAsync();
        }
        MostCarried = Math.Max(MostCarried, store!.GetStatus().HeadSpans);

        Task SealOnceAsync() => lingers ? store!.SealLingeringAsync() : store!.SealNowAsync();
    }

    /// <summary>The oldest of several segments has to go to make the rest fit.</summary>
    private async Task ExpireAsync()
    {
        var status = store!.GetStatus();
        if (status.Segments < 2) return;
        mayBeExpired = acknowledged.Count - 1;
        await RestartAsync(status.SegmentBytes - 1);
        await SealAsync();
        await RestartAsync();
    }

    private async Task QueryAsync(string context)
    {
        var answers = await StoreAnswers.AskAsync(store!, context);
        // The process is gone in the middle of its answer.
        if (disk.Crashed) return;
        var expired = acknowledged.Take(mayBeExpired).TakeWhile(r => !Holds(answers, r, context)).Count();
        foreach (var request in acknowledged.Skip(expired)) Assert.True(Holds(answers, request, context), $"{context}: {request} was acknowledged and is not in the answer");
    }

    private StoreOptions Mine(long retentionBytes = long.MaxValue) => Options(durability, retentionBytes) with { CarryShare = lingers ? 0.7 : 0.1, LeastCarryShare = 1 };

    /// <summary>All of a request is there, or nothing.</summary>
    private static bool Holds(StoreAnswers answers, SentRequest request, string context)
    {
        var found = request.Spans.Count(s => answers.Listed.ContainsKey(s.Identity));
        Assert.True(found == 0 || found == request.Spans.Count, $"{context}: {found} spans of {request} are there");
        return found > 0;
    }

    private static List<NaiveSpan> Spans(IEnumerable<SentRequest> requests) => [.. requests.SelectMany(r => r.Spans)];

    private static void RequireExplained(FaultFileSystem image, StoreStatus status, bool mayAlarm, string context)
    {
        var segments = image.List(Directory + "/segments");
        Assert.True(segments.Count == status.Segments && segments.All(p => StorePaths.SegmentId(p) is not null), $"{context}: {status.Segments} segments, but files {string.Join(", ", segments)}");
        var others = image.List(Directory).Concat(image.List(Directory + "/wal")).Concat(image.List(Directory + "/set-aside"))
            .Where(p => p != Directory + "/manifest" && !p.EndsWith(".wal", StringComparison.Ordinal)).ToList();
        Assert.True(mayAlarm || others.Count == 0, $"{context}: left over: {string.Join(", ", others)}");
    }
}
