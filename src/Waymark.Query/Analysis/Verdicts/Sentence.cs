// Builds the sentence of a verdict, piece by piece.
using System.Collections.Immutable;
using System.Globalization;
using Waymark.Model.Spans;

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>A sentence in the making. What users named goes in as code: it is cut when long, and otherwise as they wrote it.</summary>
internal sealed class Sentence
{
    /// <summary>Characters of a name or message that are shown: enough to recognise it.</summary>
    private const int MaxCode = 160;

    private readonly ImmutableArray<VerdictPart>.Builder parts = ImmutableArray.CreateBuilder<VerdictPart>();

    public ImmutableArray<VerdictPart> Parts => parts.ToImmutable();

    public Sentence Text(string text) => Add(text, VerdictStyle.Text);

    public Sentence Strong(string text) => Add(text, VerdictStyle.Strong);

    /// <summary>A name or message of the user's: its first line, cut when long.</summary>
    public Sentence Code(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        if (end >= 0) line = line[..end];
        if (line.Length <= MaxCode) return Add(line.ToString(), VerdictStyle.Code);
        var cut = char.IsHighSurrogate(line[MaxCode - 1]) ? MaxCode - 1 : MaxCode;
        return Add(string.Concat(line[..cut], "…"), VerdictStyle.Code);
    }

    public Sentence Service(string name) => string.IsNullOrWhiteSpace(name) ? Text("a service without a name") : Code(name);

    public Sentence Operation(string name) => string.IsNullOrWhiteSpace(name) ? Text("a span without a name") : Code(name);

    /// <summary>"service · operation".</summary>
    public Sentence Of((string Service, string Operation) operation) => Service(operation.Service).Text(" · ").Operation(operation.Operation);

    /// <summary>"71% (1.42 s of 2.00 s)".</summary>
    public Sentence Share(DurationNanos part, DurationNanos whole) => Strong($"{Percent(part, whole)} ({DurationText.Format(part)} of {DurationText.Format(whole)})");

    public Sentence Add(ImmutableArray<VerdictPart> more)
    {
        parts.AddRange(more);
        return this;
    }

    /// <summary>Whole percent; only all is 100%.</summary>
    public static string Percent(DurationNanos part, DurationNanos whole)
    {
        if (part >= whole) return "100%";
        var percent = 100.0 * part.Value / whole.Value;
        if (percent < 1) return "<1%";
        return Math.Min(99, Math.Round(percent, MidpointRounding.AwayFromZero)).ToString(CultureInfo.InvariantCulture) + "%";
    }

    public static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private Sentence Add(string text, VerdictStyle style)
    {
        parts.Add(new VerdictPart(text, style));
        return this;
    }
}
