// The latest requests that were not taken, each with the sentence its sender got: what someone looks at when no traces appear.
using System.Text.Json;
using Waymark.Ingest.Admission;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Server.SelfTelemetry;

/// <summary>One request.</summary>
/// <param name="Reason">As the counts name it: a <see cref="TransportRefusal"/>, <see cref="Refusal"/> or <see cref="Reject"/> in camel case, or <c>malformed</c>.</param>
/// <param name="Sentence">What the sender was told, cut at <see cref="RecentRefusals.MaxSentence"/> characters.</param>
internal sealed record RecentRefusal(UnixNanos Time, IngestProtocol Protocol, string Reason, string Sentence);

/// <summary>A ring of the last <see cref="Max"/>. Nothing of a body or a query string is kept. Any number of threads.</summary>
internal sealed class RecentRefusals(TimeProvider time)
{
    public const int Max = 20;

    /// <summary>Sentences quote what was sent, such as a content type, which may be of any length.</summary>
    public const int MaxSentence = 300;

    private readonly Lock gate = new();
    private readonly Queue<RecentRefusal> ring = new(Max);

    public IReadOnlyList<RecentRefusal> NewestFirst
    {
        get
        {
            lock (gate) return [.. ring.Reverse()];
        }
    }

    /// <summary>A request that was turned away before its body was decoded.</summary>
    public void Note(IngestProtocol protocol, TransportRefusal reason, string? sentence) => Add(protocol, reason.ToString(), sentence);

    /// <summary>A request that reached the store; one that was taken whole is passed over.</summary>
    public void Note(IngestProtocol protocol, in IngestResult result)
    {
        if (result.Answer is { IsSuccess: true, RejectedSpans: 0 }) return;
        switch (result.Receipt.Outcome)
        {
            case WriteOutcome.Malformed:
                Add(protocol, nameof(WriteOutcome.Malformed), result.Answer.Message);
                break;
            case WriteOutcome.Refused:
                Add(protocol, result.Receipt.Refusal.ToString(), result.Answer.Message);
                break;
            case WriteOutcome.Stored or WriteOutcome.NothingToStore:
                var counts = result.Receipt.Report.Rejected;
                Add(protocol, ((Reject)((ReadOnlySpan<int>)counts).IndexOfAnyExcept(0)).ToString(), result.Answer.Message);
                break;
            default:
                // A retry of what was noted the first time.
                break;
        }
    }

    private void Add(IngestProtocol protocol, string reason, string? sentence)
    {
        var refusal = new RecentRefusal(UnixNanos.Now(time), protocol, JsonNamingPolicy.CamelCase.ConvertName(reason), Shorten(sentence ?? ""));
        lock (gate)
        {
            if (ring.Count == Max) ring.Dequeue();
            ring.Enqueue(refusal);
        }
    }

    private static string Shorten(string text)
    {
        if (text.Length <= MaxSentence) return text;
        return text[..(char.IsHighSurrogate(text[MaxSentence - 1]) ? MaxSentence - 1 : MaxSentence)] + "…";
    }
}
