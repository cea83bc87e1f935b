// Which operations the critical path consists of.
using System.Collections.Immutable;
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
    public static ImmutableArray<Contributor> Of(SpanBlock block, TraceSlice trace, CriticalPath path) => [];
}
