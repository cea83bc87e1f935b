// Which operations the critical path consists of.
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Analysis;

/// <summary>What a <see cref="Contributor"/> stands for.</summary>
public enum ContributorKind
{
    /// <summary>One operation of one service.</summary>
    Operation,

    /// <summary>All operations that are not among the first.</summary>
    Other,

    /// <summary>Time that no span covers.</summary>
    Gap,
}

/// <summary>A part of the critical path.</summary>
/// <param name="Row">The first row of this operation with time on the path, counted from the trace's first: its service and name are the contributor's. −1 unless Kind is Operation.</param>
/// <param name="Service">"" for spans without a service name, and unless Kind is Operation.</param>
/// <param name="Operation">Span name; "" unless Kind is Operation.</param>
/// <param name="Time">On the critical path; more than 0.</param>
/// <param name="Share">Of the critical path: above 0, at most 1.</param>
/// <param name="Spans">Rows with time on the path; 0 for a gap.</param>
public sealed record Contributor(ContributorKind Kind, int Row, string Service, string Operation, DurationNanos Time, double Share, int Spans);

/// <summary>Sums the critical path by (service, operation).</summary>
public static class Contributors
{
    /// <summary>Operations given by name; the rest is one entry.</summary>
    public const int Most = 5;

    /// <summary>The largest <see cref="Most"/> operations, largest first, then what is left as Other, then Gap, each only when it has time. The times sum to the path's duration.</summary>
    public static ImmutableArray<Contributor> Of(SpanBlock block, TraceSlice trace, CriticalPath path)
    {
        var total = path.Duration.Value;
        var sums = Sums(block, trace, path);
        sums.Sort((a, b) => a.Time != b.Time ? b.Time.CompareTo(a.Time) : a.Row.CompareTo(b.Row));
        var contributors = ImmutableArray.CreateBuilder<Contributor>();
        var (otherTime, otherSpans, gap) = (0L, 0, total);
        foreach (var sum in sums)
        {
            gap -= sum.Time;
            if (contributors.Count == Most)
            {
                otherTime += sum.Time;
                otherSpans += sum.Spans;
                continue;
            }
            var row = trace.FirstRow + sum.Row;
            contributors.Add(new Contributor(
                ContributorKind.Operation, sum.Row, block.Texts.String(block.Service(row)), block.Texts.String(block.Name[row]), new DurationNanos(sum.Time), Share(sum.Time), sum.Spans));
        }
        if (otherTime > 0) contributors.Add(new Contributor(ContributorKind.Other, -1, "", "", new DurationNanos(otherTime), Share(otherTime), otherSpans));
        if (gap > 0) contributors.Add(new Contributor(ContributorKind.Gap, -1, "", "", new DurationNanos(gap), Share(gap), 0));
        return contributors.ToImmutable();

        double Share(long time) => (double)time / total;
    }

    /// <summary>Time per operation. Equal texts may have several codes, so codes are summed first and texts then.</summary>
    private static List<Sum> Sums(SpanBlock block, TraceSlice trace, CriticalPath path)
    {
        var byCodes = new Dictionary<(int Service, int Name), Sum>();
        for (var i = 0; i < trace.Count; i++)
        {
            if (path.Critical[i].Value == 0) continue;
            var row = trace.FirstRow + i;
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(byCodes, (block.Service(row), block.Name[row]), out var isKnown);
            sum = new Sum(isKnown ? sum.Row : i, sum.Time + path.Critical[i].Value, sum.Spans + 1);
        }
        var byTexts = new Dictionary<(string Service, string Name), Sum>(byCodes.Count);
        foreach (var (codes, sum) in byCodes)
        {
            ref var all = ref CollectionsMarshal.GetValueRefOrAddDefault(byTexts, (block.Texts.String(codes.Service), block.Texts.String(codes.Name)), out var isKnown);
            all = new Sum(isKnown ? Math.Min(all.Row, sum.Row) : sum.Row, all.Time + sum.Time, all.Spans + sum.Spans);
        }
        return [.. byTexts.Values];
    }

    private readonly record struct Sum(int Row, long Time, int Spans);
}
