// OTLP over HTTP: from a POST to the store and back to an answer in the request's own encoding. Runs before routing, on every listener that takes OTLP.
using Waymark.Ingest.Admission;
using Waymark.Model.Bodies;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Server.SelfTelemetry;

namespace Waymark.Server.Receivers;

/// <summary>Takes OTLP/HTTP requests (OTLP specification, "OTLP/HTTP"). Any number of threads.</summary>
/// <param name="maxBytes">Limit of a body, before and after decompression.</param>
internal sealed class OtlpHttpReceiver(IngestService ingest, InFlightBytes budget, IngestCounters counters, CorsPolicy cors, int maxBytes, ILogger logger)
{
    private const string AllowedMethods = "POST, OPTIONS";
    private static readonly byte[] EmptyJson = "{}"u8.ToArray();

    /// <summary>Handles a request to an OTLP path.</summary>
    public Task HandleAsync(HttpContext context, OtlpSignal signal)
    {
        var method = context.Request.Method;
        cors.AddHeaders(context);
        if (HttpMethods.IsPost(method)) return ReceiveAsync(context, signal);
        if (HttpMethods.IsOptions(method)) return cors.AnswerPreflightAsync(context);
        context.Response.Headers.Allow = AllowedMethods;
        // Someone who opens the bare address in a browser is not a sender.
        return TurnAwayAsync(context, OtlpEncoding.Json, IngestProtocol.OtlpHttpOther, TransportRefusal.Method, $"This was {method}.", isNoted: signal != OtlpSignal.Root);
    }

    /// <summary>Answers a path that takes no OTLP, on the OTLP listener or where only a sender would go.</summary>
    public Task HandleUnknownPathAsync(HttpContext context)
    {
        cors.AddHeaders(context);
        var encoding = OtlpRoute.EncodingOf(context.Request.ContentType) ?? OtlpEncoding.Json;
        return TurnAwayAsync(context, encoding, IngestProtocol.OtlpHttpOther, TransportRefusal.Path, StraySender.Hint(context.Request), isNoted: StraySender.SendsSomething(context.Request));
    }

    private async Task ReceiveAsync(HttpContext context, OtlpSignal signal)
    {
        var request = context.Request;
        var known = OtlpRoute.EncodingOf(request.ContentType);
        var encoding = known ?? OtlpEncoding.Json;
        var protocol = known switch
        {
            OtlpEncoding.Protobuf => IngestProtocol.OtlpHttpProtobuf,
            OtlpEncoding.Json => IngestProtocol.OtlpHttpJson,
            _ => IngestProtocol.OtlpHttpOther,
        };
        if (known is null)
        {
            var type = request.ContentType is { Length: > 0 } sent ? $"This was \"{sent}\"." : "This request has none.";
            await TurnAwayAsync(context, encoding, protocol, TransportRefusal.ContentType, type);
            return;
        }

        // The limit is ours, and answered in OTLP's words; Kestrel's own guards the other routes.
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } kestrelLimit) kestrelLimit.MaxRequestBodySize = null;
        try
        {
            if (signal is OtlpSignal.Traces or OtlpSignal.Root) await ReceiveTracesAsync(context, encoding, protocol);
            else await ReceiveOtherAsync(context, encoding, protocol, signal);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            var reason = exception.StatusCode == StatusCodes.Status408RequestTimeout ? TransportRefusal.TooSlow : TransportRefusal.HttpFraming;
            await TurnAwayAsync(context, encoding, protocol, reason, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The sender is gone, and there is nobody to tell; the count is what remains.
            counters.Count(protocol, RequestOutcome.Aborted);
            context.Abort();
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            ServerLog.RequestFailed(logger, request.Path, exception);
            await TurnAwayAsync(context, encoding, protocol, TransportRefusal.Fault, null);
        }
    }

    private async Task ReceiveTracesAsync(HttpContext context, OtlpEncoding encoding, IngestProtocol protocol)
    {
        if (!TryGetCodec(context.Request, out var codec))
        {
            await TurnAwayEncodingAsync(context, encoding, protocol);
            return;
        }

        using var body = new ReceivedBody(budget);
        var outcome = await body.ReadAsync(context.Request.BodyReader, context.Request.ContentLength, maxBytes);
        // An empty body is an empty request, whatever it says about its compression.
        if (body.Raw.IsEmpty) codec = BodyCodec.None;
        if (outcome == BodyOutcome.Ok && codec == BodyCodec.Gzip) outcome = body.Decompress(body.Raw, maxBytes);
        if (outcome != BodyOutcome.Ok)
        {
            await TurnAwayAsync(context, encoding, protocol, ReceivedBody.Refusal(outcome), outcome is BodyOutcome.TooLarge or BodyOutcome.TooLargeDecompressed ? LimitSentence() : null);
            return;
        }

        var plain = codec == BodyCodec.Gzip ? body.Plain : body.Raw;
        var result = await ingest.WriteAsync(encoding == OtlpEncoding.Json ? BodyKind.OtlpJson : BodyKind.OtlpProtobuf, plain, codec, body.Raw);
        counters.Count(protocol, result.Receipt, body.Raw.Length, plain.Length);
        counters.Refusals.Note(protocol, result);
        if (result.Answer.IsSuccess) await SucceedAsync(context, encoding, OtlpSignal.Traces, result.Answer.RejectedSpans, result.Answer.Message);
        else await FailAsync(context, encoding, result.Answer, result.Receipt.Outcome == WriteOutcome.Malformed);
    }

    private async Task ReceiveOtherAsync(HttpContext context, OtlpEncoding encoding, IngestProtocol protocol, OtlpSignal signal)
    {
        if (!await BodyDiscard.ReadAsync(context.Request.BodyReader, context.Request.ContentLength, maxBytes))
        {
            await TurnAwayAsync(context, encoding, protocol, TransportRefusal.TooLarge, LimitSentence());
            return;
        }

        counters.Count(protocol, RequestOutcome.TracesOnly);
        await SucceedAsync(context, encoding, signal, 0, OtlpRoute.TracesOnlyMessage(signal));
    }

    private string LimitSentence() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The limit is {maxBytes} bytes; send smaller batches.");

    private Task TurnAwayEncodingAsync(HttpContext context, OtlpEncoding encoding, IngestProtocol protocol)
    {
        context.Response.Headers.AcceptEncoding = "gzip, identity";
        return TurnAwayAsync(context, encoding, protocol, TransportRefusal.Encoding, $"This was \"{context.Request.Headers.ContentEncoding}\".");
    }

    private Task TurnAwayAsync(HttpContext context, OtlpEncoding encoding, IngestProtocol protocol, TransportRefusal reason, string? particulars, bool isNoted = true)
    {
        var answer = IngestAnswer.Refused(reason, particulars);
        counters.Count(protocol, reason);
        if (isNoted) counters.Refusals.Note(protocol, reason, answer.Message);
        return FailAsync(context, encoding, answer, isBadData: reason is TransportRefusal.CorruptGzip or TransportRefusal.HttpFraming);
    }

    private static Task SucceedAsync(HttpContext context, OtlpEncoding encoding, OtlpSignal signal, long rejected, string? message)
    {
        var response = context.Response;
        response.ContentType = ContentType(encoding);
        if (rejected == 0 && message is null)
        {
            if (encoding == OtlpEncoding.Json)
            {
                response.ContentLength = EmptyJson.Length;
                return response.Body.WriteAsync(EmptyJson).AsTask();
            }

            response.ContentLength = 0;
            return Task.CompletedTask;
        }

        return SendAsync(response, (encoding, signal, rejected, message), static (answer, output) =>
            OtlpAnswers.WriteSuccess(answer.encoding, OtlpRoute.RejectedName(answer.signal), answer.rejected, answer.message, output));
    }

    private static Task FailAsync(HttpContext context, OtlpEncoding encoding, in IngestAnswer answer, bool isBadData)
    {
        var response = context.Response;
        response.StatusCode = answer.HttpStatus;
        response.ContentType = ContentType(encoding);
        if (answer.RetryAfterSeconds > 0) response.Headers.RetryAfter = answer.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var detail = isBadData ? OtlpStatusDetail.BadRequest : answer.RetryAfterSeconds > 0 ? OtlpStatusDetail.RetryInfo : OtlpStatusDetail.None;
        var status = new OtlpStatus(answer.GrpcStatus, answer.Message ?? "", detail, answer.RetryAfterSeconds);
        return SendAsync(response, (encoding, status), static (fail, output) => OtlpAnswers.WriteStatus(fail.encoding, fail.status, output));
    }

    private static async Task SendAsync<TAnswer>(HttpResponse response, TAnswer answer, Action<TAnswer, PooledBuffer> write)
    {
        using var output = new PooledBuffer();
        write(answer, output);
        response.ContentLength = output.Length;
        await response.Body.WriteAsync(output.WrittenMemory);
    }

    private static string ContentType(OtlpEncoding encoding) => encoding == OtlpEncoding.Json ? "application/json" : "application/x-protobuf";

    private static bool TryGetCodec(HttpRequest request, out BodyCodec codec)
    {
        codec = BodyCodec.None;
        var sent = request.Headers.ContentEncoding;
        if (sent.Count == 0) return true;
        if (sent.Count > 1) return false;
        var name = sent[0].AsSpan().Trim();
        if (name.IsEmpty || name.Equals("identity", StringComparison.OrdinalIgnoreCase)) return true;
        codec = BodyCodec.Gzip;
        return name.Equals("gzip", StringComparison.OrdinalIgnoreCase) || name.Equals("x-gzip", StringComparison.OrdinalIgnoreCase);
    }
}
