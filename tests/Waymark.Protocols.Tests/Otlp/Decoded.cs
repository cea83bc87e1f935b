// Shorthand of the OTLP tests: one decode, recorded.
using Google.Protobuf;
using Waymark.Model.Limits;
using Waymark.Protocols.Otlp;

namespace Waymark.Protocols.Tests.Otlp;

/// <summary>A decoded body: what the sink saw and what the report says.</summary>
public sealed record Decoded(Recording Seen, DecodeReport Report)
{
    /// <summary>How much random testing to do: 1 by default, more from the environment.</summary>
    public static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("WAYMARK_TEST_SCALE"), out var scale) ? scale : 1;

    public static Decoded From(IMessage message, SpanLimits? limits = null) => From(message.ToByteArray(), limits);

    public static Decoded From(ReadOnlySpan<byte> body, SpanLimits? limits = null, bool remembers = false)
    {
        var recording = new Recording();
        var sink = new RecordingSink(recording, remembers);
        var report = default(DecodeReport);
        OtlpProtobufDecoder.Decode(body, limits ?? SpanLimits.Default, ref sink, ref report);
        return new Decoded(recording, report);
    }
}
