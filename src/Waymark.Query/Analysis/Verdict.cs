// Why a trace took as long as it did, in one sentence.
using System.Collections.Immutable;
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis;

/// <summary>The rule that a verdict comes from. The API's words are these in camel case.</summary>
public enum VerdictKind
{
    RetryLoop,
    NPlusOne,
    DominantSpan,
    SerialCalls,
    Gap,
    QueueDelay,
    Straggler,
    Nothing,
}

/// <summary>How a piece of the sentence is set.</summary>
public enum VerdictStyle
{
    Text,

    /// <summary>The number that matters.</summary>
    Strong,

    /// <summary>Something named by the user: a service, an operation, a message. Data, never markup.</summary>
    Code,
}

/// <summary>A piece of the sentence.</summary>
public readonly record struct VerdictPart(string Text, VerdictStyle Style);

/// <summary>The verdict on a trace.</summary>
/// <param name="Time">The time on the critical path that the verdict explains; 0 when nothing stands out.</param>
/// <param name="Share">The same as a part of the critical path, 0 to 1.</param>
/// <param name="Parts">The sentence, to be joined as it is.</param>
/// <param name="Rows">The spans it speaks of, in order of rows counted from the trace's first: at most <see cref="MaxRows"/>.</param>
/// <param name="Spans">How many spans it speaks of in all.</param>
public sealed record Verdict(VerdictKind Kind, DurationNanos Time, double Share, ImmutableArray<VerdictPart> Parts, ImmutableArray<int> Rows, int Spans)
{
    /// <summary>Rows given as evidence.</summary>
    public const int MaxRows = 100;

    /// <summary>The sentence without styles.</summary>
    public override string ToString() => string.Concat(Parts.Select(part => part.Text));
}
