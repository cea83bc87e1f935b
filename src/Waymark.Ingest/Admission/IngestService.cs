// The one call every receiver makes once it holds a decompressed body: store it, and say what came of it.
using System.Globalization;
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Stores;

namespace Waymark.Ingest.Admission;

/// <summary>A stored request's receipt together with the answer it earns.</summary>
public readonly record struct IngestResult(WriteReceipt Receipt, IngestAnswer Answer);

/// <summary>Hands requests to the store. Any number of threads.</summary>
/// <param name="writer">Where spans go.</param>
/// <param name="limits">What is cut from each span.</param>
public sealed class IngestService(ISpanWriter writer, SpanLimits limits)
{
    /// <summary>
    /// Stores one request. Both memories must stay valid until the task completes. Once begun it is not given up: the sender may be gone, but it will ask again
    /// and must find the same answer.
    /// </summary>
    public ValueTask<IngestResult> WriteAsync(BodyKind kind, ReadOnlyMemory<byte> body, BodyCodec codec, ReadOnlyMemory<byte> asReceived)
    {
        var writing = writer.WriteAsync(new WriteRequest(kind, body, codec, asReceived, limits), CancellationToken.None);
        return writing.IsCompletedSuccessfully ? new(Judge(kind, writing.GetAwaiter().GetResult())) : AwaitAsync(kind, writing);
    }

    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<IngestResult> AwaitAsync(BodyKind kind, ValueTask<WriteReceipt> writing) => Judge(kind, await writing);

    private static IngestResult Judge(BodyKind kind, in WriteReceipt receipt) => new(receipt, Answer(kind, receipt));

    /// <summary>Turns a receipt into an answer.</summary>
    public static IngestAnswer Answer(BodyKind kind, in WriteReceipt receipt)
    {
        switch (receipt.Outcome)
        {
            case WriteOutcome.Stored:
            case WriteOutcome.AlreadyStored:
            case WriteOutcome.NothingToStore:
                var rejected = receipt.Report.RejectedTotal;
                return rejected == 0 && receipt.Report.CutTotal == 0 ? IngestAnswer.Success : IngestAnswer.Success with { RejectedSpans = rejected, Message = Describe(receipt.Report) };
            case WriteOutcome.Malformed:
                var bad = AnswerTable.Row(receipt.Report.Malformed);
                var form = kind == BodyKind.OtlpJson ? "JSON" : "protobuf";
                var text = string.Create(CultureInfo.InvariantCulture, $"The body is not valid OTLP {form}: {bad.Sentence} (byte {receipt.Report.MalformedAt}). Nothing of it was stored.");
                return new(bad.HttpStatus, bad.GrpcStatus, 0, text, 0);
            case WriteOutcome.Refused:
                var row = AnswerTable.Row(receipt.Refusal);
                return new(row.HttpStatus, row.GrpcStatus, 0, row.Sentence, row.RetryAfterSeconds);
            default:
                throw new System.Diagnostics.UnreachableException($"Outcome {receipt.Outcome} has no answer.");
        }
    }

    /// <summary>One or two sentences naming each reason and its count: "Rejected 3 spans: 2 with an all-zero trace id, 1 with …. Stored with changes: …."</summary>
    private static string Describe(in DecodeReport report)
    {
        var text = new StringBuilder();
        var rejected = report.RejectedTotal;
        if (rejected > 0)
        {
            var counts = report.Rejected;
            text.Append(CultureInfo.InvariantCulture, $"Rejected {rejected} {(rejected == 1 ? "span" : "spans")}");
            // One reason for all needs no second count.
            var only = ((ReadOnlySpan<int>)counts).IndexOf((int)rejected);
            if (only >= 0) text.Append(' ').Append(AnswerTable.Row((Reject)only).Sentence).Append('.');
            else AppendCounts(text.Append(": "), counts, static reason => AnswerTable.Row((Reject)reason));
        }

        if (report.CutTotal > 0)
        {
            if (text.Length > 0) text.Append(' ');
            var counts = report.Cuts;
            AppendCounts(text.Append("Stored with changes: "), counts, static what => AnswerTable.Row((Cut)what));
        }

        return text.ToString();
    }

    private static void AppendCounts(StringBuilder text, ReadOnlySpan<int> counts, Func<int, AnswerRow> row)
    {
        var first = true;
        for (var reason = 0; reason < counts.Length; reason++)
        {
            if (counts[reason] == 0) continue;
            if (!first) text.Append(", ");
            first = false;
            text.Append(CultureInfo.InvariantCulture, $"{counts[reason]} {row(reason).After(counts[reason])}");
        }

        text.Append('.');
    }
}
