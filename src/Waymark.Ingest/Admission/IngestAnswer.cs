// The verdict on one request, before it is put into any protocol's words.
using Waymark.Protocols.Grpc;

namespace Waymark.Ingest.Admission;

/// <summary>What a sender is told.</summary>
/// <param name="HttpStatus">200 for success, whole or in part.</param>
/// <param name="RejectedSpans">Spans left out of a request that succeeded otherwise.</param>
/// <param name="Message">Null for a success without remark.</param>
/// <param name="RetryAfterSeconds">When to come again; 0: not to be retried.</param>
public readonly record struct IngestAnswer(int HttpStatus, GrpcStatus GrpcStatus, long RejectedSpans, string? Message, int RetryAfterSeconds)
{
    /// <summary>Everything was taken as sent.</summary>
    public static readonly IngestAnswer Success = new(200, GrpcStatus.Ok, 0, null, 0);

    public bool IsSuccess => HttpStatus == 200;

    /// <summary>The answer to a request that was turned away before its body was read.</summary>
    /// <param name="particulars">What exactly was wrong, appended to the table's sentence.</param>
    public static IngestAnswer Refused(TransportRefusal reason, string? particulars = null)
    {
        var row = AnswerTable.Row(reason);
        return new(row.HttpStatus, row.GrpcStatus, 0, particulars is null ? row.Sentence : $"{row.Sentence} {particulars}", row.RetryAfterSeconds);
    }
}
