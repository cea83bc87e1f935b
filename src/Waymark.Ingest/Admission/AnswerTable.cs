// The one place where a reason becomes an answer: HTTP status, gRPC status, sentence, and whether to come again.
using System.Diagnostics;
using Waymark.Model.Limits;
using Waymark.Model.Stores;
using Waymark.Protocols.Grpc;

namespace Waymark.Ingest.Admission;

/// <summary>How one reason is answered.</summary>
/// <param name="Sentence">For a <see cref="Reject"/> or <see cref="Cut"/> a phrase that follows a count; for the others a whole sentence, to be followed by particulars.</param>
/// <param name="RetryAfterSeconds">When to come again; 0: never. More than 0 only with HTTP 429, 502, 503 and 504, and gRPC UNAVAILABLE.</param>
/// <param name="Singular"><paramref name="Sentence"/> after the count of one, where that differs; else null.</param>
public readonly record struct AnswerRow(int HttpStatus, GrpcStatus GrpcStatus, string Sentence, int RetryAfterSeconds = 0, string? Singular = null)
{
    /// <summary>The phrase that follows a count.</summary>
    public string After(int count) => count == 1 && Singular is not null ? Singular : Sentence;
}

/// <summary>Every reason's row. A reason without one is our mistake, and a test finds it.</summary>
public static class AnswerTable
{
    /// <summary>A span left out: the request succeeds in part.</summary>
    public static AnswerRow Row(Reject reason) => reason switch
    {
        Reject.TraceIdLength => Partial("with a trace id that is not 32 hex digits (16 bytes)"),
        Reject.TraceIdZero => Partial("with an all-zero trace id"),
        Reject.SpanIdLength => Partial("with a span id that is not 16 hex digits (8 bytes)"),
        Reject.SpanIdZero => Partial("with an all-zero span id"),
        Reject.ParentSpanIdLength => Partial("with a parent span id that is not 16 hex digits (8 bytes)"),
        Reject.TimeOutOfRange => Partial("with a time beyond the year 2262"),
        Reject.LinkIdLength => Partial("with a link whose ids are not 32 and 16 hex digits (16 and 8 bytes)"),
        _ => throw new UnreachableException($"{reason} has no answer."),
    };

    /// <summary>Something shortened: the request succeeds, with a warning.</summary>
    public static AnswerRow Row(Cut what) => what switch
    {
        Cut.TextTooLong => Partial("over-long texts cut (limits.text_bytes)", "over-long text cut (limits.text_bytes)"),
        Cut.TooManyAttributes => Partial("attributes over the limit dropped (limits.attributes)", "attribute over the limit dropped (limits.attributes)"),
        Cut.NestingTooDeep => Partial("too deeply nested values emptied (limits.nesting)", "too deeply nested value emptied (limits.nesting)"),
        Cut.InvalidUtf8 => Partial("texts with invalid UTF-8 repaired with U+FFFD", "text with invalid UTF-8 repaired with U+FFFD"),
        Cut.UnknownEnum => Partial("unknown kinds or status codes stored as unspecified", "unknown kind or status code stored as unspecified"),
        _ => throw new UnreachableException($"{what} has no answer."),
    };

    /// <summary>A body that can't be read: the request fails for good.</summary>
    public static AnswerRow Row(Malformed reason) => reason switch
    {
        Malformed.None => new(200, GrpcStatus.Ok, ""),
        Malformed.Truncated => Bad("it ends in the middle of a value"),
        Malformed.BadVarint => Bad("a varint is longer than ten bytes"),
        Malformed.BadTag => Bad("a field tag is invalid"),
        Malformed.BadLength => Bad("a length reaches beyond its message"),
        Malformed.UnbalancedGroup => Bad("a group is not closed as it was opened"),
        Malformed.TooDeep => Bad("it is nested too deeply"),
        Malformed.BadJson => Bad("it is not JSON"),
        Malformed.WrongJsonType => Bad("a value has the wrong JSON type"),
        Malformed.BadJsonNumber => Bad("a number is out of range or not a number"),
        Malformed.BadHex => Bad("an id is not hexadecimal"),
        Malformed.BadBase64 => Bad("a bytes value is not base64"),
        _ => throw new UnreachableException($"{reason} has no answer."),
    };

    /// <summary>A good request that can't be stored just now.</summary>
    public static AnswerRow Row(Refusal reason) => reason switch
    {
        Refusal.None => new(200, GrpcStatus.Ok, ""),
        Refusal.DiskFull => Later("The disk is full; spans are taken again when there is room.", 5),
        Refusal.DiskError => Later("The spans could not be written to disk; the server's log has the reason.", 5),
        Refusal.MemoryFull => Later("The memory budget is used up; spans are taken again when the store has caught up.", 1),
        Refusal.Stopping => Later("Waymark is stopping.", 2),
        _ => throw new UnreachableException($"{reason} has no answer."),
    };

    /// <summary>A request the receiver turned away.</summary>
    public static AnswerRow Row(TransportRefusal reason) => reason switch
    {
        TransportRefusal.Method => new(405, GrpcStatus.Unimplemented, "Send OTLP with POST."),
        TransportRefusal.Path => new(404, GrpcStatus.Unimplemented, "Nothing is served here; traces go to POST /v1/traces or, over gRPC, TraceService/Export."),
        TransportRefusal.ContentType => new(415, GrpcStatus.InvalidArgument, "The Content-Type must be application/x-protobuf or application/json."),
        TransportRefusal.Encoding => new(415, GrpcStatus.Unimplemented, "The body's compression is not supported: use gzip or none."),
        TransportRefusal.TooLarge => new(413, GrpcStatus.ResourceExhausted, "The request is larger than allowed (otlp.max_request_bytes)."),
        TransportRefusal.TooLargeDecompressed => new(413, GrpcStatus.ResourceExhausted, "The decompressed request is larger than allowed (otlp.max_request_bytes)."),
        TransportRefusal.CorruptGzip => new(400, GrpcStatus.InvalidArgument, "The body is not valid gzip, or is cut off."),
        TransportRefusal.GrpcFrame => new(400, GrpcStatus.InvalidArgument, "The body is not exactly one gRPC message."),
        TransportRefusal.GrpcFlag => new(400, GrpcStatus.Internal, "The message is flagged as compressed, but no grpc-encoding says how."),
        TransportRefusal.Busy => Later("Too many requests are being received at once (otlp.max_in_flight_bytes).", 1),
        // 408 would say it best, but OTLP's list of what is sent again is 429, 502, 503 and 504: an SDK would drop the batch.
        TransportRefusal.TooSlow => Later("The body arrived too slowly.", 1),
        TransportRefusal.HttpFraming => new(400, GrpcStatus.InvalidArgument, "The body's HTTP framing is broken, or the body ended early."),
        TransportRefusal.Fault => new(500, GrpcStatus.Internal, "Waymark failed on this request; the server's log has the reason."),
        _ => throw new UnreachableException($"{reason} has no answer."),
    };

    private static AnswerRow Partial(string phrase, string? singular = null) => new(200, GrpcStatus.Ok, phrase, Singular: singular);

    private static AnswerRow Bad(string sentence) => new(400, GrpcStatus.InvalidArgument, sentence);

    private static AnswerRow Later(string sentence, int seconds) => new(503, GrpcStatus.Unavailable, sentence, seconds);
}
