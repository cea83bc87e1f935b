// What a rule has to say, before it is known whether it is the one that counts.
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>A rule's result.</summary>
/// <param name="Time">What it explains.</param>
/// <param name="Whole">Of what.</param>
/// <param name="Rows">The spans it speaks of, in any order.</param>
internal sealed record Finding(VerdictKind Kind, DurationNanos Time, DurationNanos Whole, Sentence Sentence, IReadOnlyList<int> Rows)
{
    public double Share => Whole.Value == 0 ? 0 : (double)Time.Value / Whole.Value;
}
