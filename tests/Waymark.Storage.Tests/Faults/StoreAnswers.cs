// Everything a store answers, asked in every way, and held against the spans it should have.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Faults;

/// <summary>What one store said at one moment.</summary>
internal sealed class StoreAnswers
{
    /// <summary>Spans by identity, from the list of all traces.</summary>
    public Dictionary<(TraceId, SpanId, SpanKind, string, UnixNanos), NaiveSpan> Listed { get; } = [];

    public List<TraceSlice> Slices { get; } = [];
    public required IReadOnlyList<OperationSummary> Operations { get; init; }
    public required StoreStatus Status { get; init; }
    public bool IsPartial => Slices.Any(s => s.IsPartial);
    public long Duplicates => Slices.Sum(s => s.Duplicates);

    /// <summary>Lists every trace, and the operations. A trace listed twice, a span twice in an answer, or a wrong order fails the test.</summary>
    public static async Task<StoreAnswers> AskAsync(SpanStore store, string context)
    {
        var operations = await store.GetOperationsAsync(CancellationToken.None);
        var blocks = new List<SpanBlock>();
        await foreach (var block in store.ScanAsync(new SpanScan { Parts = SpanParts.All, Wanted = 4 }, CancellationToken.None)) blocks.Add(block);
        // The alarms last: what the answers met is in them.
        var answers = new StoreAnswers { Operations = operations, Status = store.GetStatus() };
        foreach (var block in blocks)
        {
            answers.Slices.AddRange(block.Traces);
            foreach (var span in Blocks.ToSpans(block)) Assert.True(answers.Listed.TryAdd(span.Identity, span), $"{context}: {span.SpanId} of {span.TraceId} is listed twice");
        }
        Assert.True(answers.Slices.DistinctBy(s => s.Id).Count() == answers.Slices.Count, $"{context}: a trace is listed twice");
        for (var i = 1; i < answers.Slices.Count; i++)
            Assert.True(answers.Slices[i - 1].Cursor.CompareTo(answers.Slices[i].Cursor) < 0, $"{context}: traces out of order");
        return answers;
    }

    /// <summary>The spans of one trace, looked up by id.</summary>
    public static async Task<(List<NaiveSpan> Spans, bool IsPartial)> FindAsync(SpanStore store, TraceId id) =>
        await store.FindTraceAsync(id, CancellationToken.None) is { } block ? (Blocks.ToSpans(block), block.Traces[0].IsPartial) : ([], false);

    /// <summary>The store has exactly these spans, each once, and says so in every way.</summary>
    public static async Task<StoreAnswers> RequireExactlyAsync(SpanStore store, IReadOnlyCollection<NaiveSpan> expected, string context)
    {
        var answers = await AskAsync(store, context);
        Assert.True(!answers.IsPartial, $"{context}: partial; {Alarms(answers.Status)}");
        foreach (var span in expected)
        {
            Assert.True(answers.Listed.TryGetValue(span.Identity, out var found), $"{context}: {span.SpanId} of {span.TraceId} is missing from the list; {Alarms(answers.Status)}");
            Assert.True(found!.Equals(span), $"{context}: sent {span}, listed {found}");
        }
        Assert.True(answers.Listed.Count == expected.Count, $"{context}: {answers.Listed.Count} spans listed, {expected.Count} expected");
        Assert.True(answers.Duplicates == 0, $"{context}: {answers.Duplicates} spans are stored more than once");
        Assert.True(answers.Status.Spans == expected.Count, $"{context}: the status counts {answers.Status.Spans} spans, {expected.Count} expected");
        Assert.True(answers.Operations.Sum(o => o.Spans) == expected.Count, $"{context}: the operations count {answers.Operations.Sum(o => o.Spans)} spans, {expected.Count} expected");
        foreach (var trace in expected.GroupBy(s => s.TraceId))
        {
            var (spans, isPartial) = await FindAsync(store, trace.Key);
            Assert.True(!isPartial && spans.Count == trace.Count() && trace.All(spans.Contains), $"{context}: trace {trace.Key} by id has {spans.Count} spans, {trace.Count()} expected");
        }
        return answers;
    }

    public static string Alarms(StoreStatus status) => status.Alarms.Count == 0 ? "no alarms" : string.Join("; ", status.Alarms);
}
