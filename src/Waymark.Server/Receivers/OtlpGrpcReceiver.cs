// OTLP over gRPC, framed by hand on Kestrel's HTTP/2: one message in, one message and trailers out; a failure is trailers alone.
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Waymark.Ingest.Admission;
using Waymark.Model.Bodies;
using Waymark.Protocols.Grpc;
using Waymark.Protocols.Otlp;
using Waymark.Server.SelfTelemetry;

namespace Waymark.Server.Receivers;

/// <summary>Takes OTLP/gRPC calls (OTLP specification, "OTLP/gRPC"; gRPC over HTTP/2). Any number of threads.</summary>
/// <param name="maxBytes">Limit of a message, before and after decompression.</param>
internal sealed class OtlpGrpcReceiver(IngestService ingest, InFlightBytes budget, IngestCounters counters, int maxBytes, ILogger logger)
{
    private const string ContentType = "application/grpc";
    private const string SupportedEncodings = "identity,gzip";

    // The answer to a request taken whole: an empty message.
    private static readonly byte[] EmptyMessage = new byte[GrpcFrame.HeaderLength];

    /// <summary>True for a content type of gRPC with protobuf messages.</summary>
    public static bool IsGrpc(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)) return false;
        var rest = contentType.AsSpan(ContentType.Length);
        return rest.IsEmpty || rest[0] == ';' || rest.Equals("+proto", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("+proto;", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Handles any request on the gRPC listener.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method) || !IsGrpc(request.ContentType))
        {
            var reason = HttpMethods.IsPost(request.Method) ? TransportRefusal.ContentType : TransportRefusal.Method;
            context.Response.StatusCode = AnswerTable.Row(reason).HttpStatus;
            if (reason == TransportRefusal.Method) context.Response.Headers.Allow = "POST";
            TurnAway(context, reason, null, reason == TransportRefusal.ContentType ? "This is OTLP over gRPC: the Content-Type must be application/grpc." : null);
            return;
        }

        var signal = OtlpRoute.OfGrpcMethod(request.Path.Value);
        if (signal == OtlpSignal.None)
        {
            TurnAway(context, TransportRefusal.Path, $"There is no method {StraySender.PathOf(request)}.");
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } kestrelLimit) kestrelLimit.MaxRequestBodySize = null;
        try
        {
            if (signal == OtlpSignal.Traces) await ReceiveTracesAsync(context);
            else await ReceiveOtherAsync(context, signal);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            TurnAway(context, exception.StatusCode == StatusCodes.Status408RequestTimeout ? TransportRefusal.TooSlow : TransportRefusal.HttpFraming, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The sender is gone, and there is nobody to tell; the count is what remains.
            counters.Count(IngestProtocol.OtlpGrpc, RequestOutcome.Aborted);
            context.Abort();
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            ServerLog.RequestFailed(logger, request.Path, exception);
            TurnAway(context, TransportRefusal.Fault, null);
        }
    }

    private async Task ReceiveTracesAsync(HttpContext context)
    {
        if (!TryGetCodec(context.Request, out var codec))
        {
            context.Response.Headers["grpc-accept-encoding"] = SupportedEncodings;
            TurnAway(context, TransportRefusal.Encoding, $"This was \"{context.Request.Headers["grpc-encoding"]}\".");
            return;
        }

        using var body = new ReceivedBody(budget);
        // The frame's header comes on top of the message's limit.
        var outcome = await body.ReadAsync(context.Request.BodyReader, context.Request.ContentLength, maxBytes + GrpcFrame.HeaderLength);
        if (outcome != BodyOutcome.Ok)
        {
            TurnAway(context, ReceivedBody.Refusal(outcome), Particulars(outcome));
            return;
        }

        var frame = GrpcFrame.Read(body.Raw.Span, out var compressed, out var length);
        if (frame == GrpcFrameOutcome.Truncated && GrpcFrame.AnnouncedLength(body.Raw.Span) > maxBytes)
        {
            TurnAway(context, TransportRefusal.TooLarge, Particulars(BodyOutcome.TooLarge));
            return;
        }

        if (frame != GrpcFrameOutcome.One)
        {
            TurnAway(context, TransportRefusal.GrpcFrame, FrameSentence(frame));
            return;
        }

        if (compressed && codec == BodyCodec.None)
        {
            TurnAway(context, TransportRefusal.GrpcFlag, null);
            return;
        }

        var received = body.Raw.Slice(GrpcFrame.HeaderLength, length);
        // An empty message is an empty request, whatever it says about its compression.
        if (received.IsEmpty) compressed = false;
        if (compressed) outcome = body.Decompress(received, maxBytes);
        if (outcome != BodyOutcome.Ok)
        {
            TurnAway(context, ReceivedBody.Refusal(outcome), Particulars(outcome));
            return;
        }

        var plain = compressed ? body.Plain : received;
        var result = await ingest.WriteAsync(BodyKind.OtlpProtobuf, plain, compressed ? BodyCodec.Gzip : BodyCodec.None, received);
        counters.Count(IngestProtocol.OtlpGrpc, result.Receipt, received.Length, plain.Length);
        counters.Refusals.Note(IngestProtocol.OtlpGrpc, result);
        if (result.Answer.IsSuccess) await SucceedAsync(context, OtlpSignal.Traces, result.Answer.RejectedSpans, result.Answer.Message);
        else Fail(context, result.Answer);
    }

    private async Task ReceiveOtherAsync(HttpContext context, OtlpSignal signal)
    {
        if (!await BodyDiscard.ReadAsync(context.Request.BodyReader, context.Request.ContentLength, maxBytes + GrpcFrame.HeaderLength))
        {
            TurnAway(context, TransportRefusal.TooLarge, Particulars(BodyOutcome.TooLarge));
            return;
        }

        counters.Count(IngestProtocol.OtlpGrpc, RequestOutcome.TracesOnly);
        await SucceedAsync(context, signal, 0, OtlpRoute.TracesOnlyMessage(signal));
    }

    private static async Task SucceedAsync(HttpContext context, OtlpSignal signal, long rejected, string? message)
    {
        var response = context.Response;
        response.ContentType = ContentType;
        if (rejected == 0 && message is null)
        {
            await response.Body.WriteAsync(EmptyMessage);
        }
        else
        {
            using var answer = new PooledBuffer();
            OtlpAnswers.WriteSuccess(OtlpEncoding.Protobuf, OtlpRoute.RejectedName(signal), rejected, message, answer);
            using var framed = new PooledBuffer();
            GrpcFrame.WriteHeader(answer.Length, framed);
            framed.Write(answer.WrittenSpan);
            await response.Body.WriteAsync(framed.WrittenMemory);
        }

        response.AppendTrailer("grpc-status", "0");
    }

    private void TurnAway(HttpContext context, TransportRefusal reason, string? particulars, string? instead = null)
    {
        var answer = IngestAnswer.Refused(reason, particulars);
        if (instead is not null) answer = answer with { Message = instead };
        counters.Count(IngestProtocol.OtlpGrpc, reason);
        // A browser that was pointed here is not a sender.
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)) counters.Refusals.Note(IngestProtocol.OtlpGrpc, reason, answer.Message);
        Fail(context, answer);
    }

    /// <summary>Trailers only: with no body, Kestrel ends the stream with the headers.</summary>
    private static void Fail(HttpContext context, in IngestAnswer answer)
    {
        var response = context.Response;
        response.ContentType = ContentType;
        response.Headers["grpc-status"] = ((int)answer.GrpcStatus).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = GrpcText.PercentEncode(answer.Message ?? "");
        if (answer.RetryAfterSeconds <= 0) return;
        using var details = new PooledBuffer();
        OtlpAnswers.WriteStatus(OtlpEncoding.Protobuf, new OtlpStatus(answer.GrpcStatus, answer.Message ?? "", OtlpStatusDetail.RetryInfo, answer.RetryAfterSeconds), details);
        response.Headers["grpc-status-details-bin"] = GrpcText.Binary(details.WrittenSpan);
    }

    private string? Particulars(BodyOutcome outcome) =>
        outcome is BodyOutcome.TooLarge or BodyOutcome.TooLargeDecompressed ? string.Create(CultureInfo.InvariantCulture, $"The limit is {maxBytes} bytes; send smaller batches.") : null;

    private static string FrameSentence(GrpcFrameOutcome outcome) => outcome switch
    {
        GrpcFrameOutcome.Truncated => "It ends before its message does.",
        GrpcFrameOutcome.BadFlag => "The compression flag is neither 0 nor 1.",
        _ => "Something follows the message.",
    };

    private static bool TryGetCodec(HttpRequest request, out BodyCodec codec)
    {
        codec = BodyCodec.None;
        var sent = request.Headers["grpc-encoding"];
        if (sent.Count == 0) return true;
        if (sent.Count > 1) return false;
        switch (sent[0])
        {
            case "identity" or "":
                return true;
            case "gzip":
                codec = BodyCodec.Gzip;
                return true;
            default:
                return false;
        }
    }
}
