// What a request means according to Google's parser, in the words of RecordingSink.
using Google.Protobuf;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Protocols.Tests.Oracle;

namespace Waymark.Protocols.Tests.Otlp;

/// <summary>The lines a decoder must produce for a parsed request, and the spans it must refuse.</summary>
public sealed class OracleReading
{
    public List<string> Lines { get; } = [];
    public List<Reject> Rejects { get; } = [];

    public static OracleReading Of(ExportTraceServiceRequest request)
    {
        var reading = new OracleReading();
        foreach (var resourceSpans in request.ResourceSpans)
        {
            var resource = resourceSpans.Resource ?? new Resource();
            reading.Lines.Add($"resource schema={resourceSpans.SchemaUrl} dropped={resource.DroppedAttributesCount} {Attributes(resource.Attributes)}");
            foreach (var scopeSpans in resourceSpans.ScopeSpans)
            {
                var scope = scopeSpans.Scope ?? new InstrumentationScope();
                reading.Lines.Add($"scope schema={scopeSpans.SchemaUrl} name={scope.Name} version={scope.Version} dropped={scope.DroppedAttributesCount} {Attributes(scope.Attributes)}");
                foreach (var span in scopeSpans.Spans)
                {
                    if (Judge(span) is { } reason) reading.Rejects.Add(reason);
                    else reading.Lines.Add(Line(span));
                }
            }
        }
        return reading;
    }

    private static Reject? Judge(Span span)
    {
        if (span.TraceId.Length != 16) return Reject.TraceIdLength;
        if (span.TraceId.All(b => b == 0)) return Reject.TraceIdZero;
        if (span.SpanId.Length != 8) return Reject.SpanIdLength;
        if (span.SpanId.All(b => b == 0)) return Reject.SpanIdZero;
        if (span.ParentSpanId.Length is not (0 or 8)) return Reject.ParentSpanIdLength;
        if (span.StartTimeUnixNano > long.MaxValue || span.EndTimeUnixNano > long.MaxValue) return Reject.TimeOutOfRange;
        if (span.Events.Any(e => e.TimeUnixNano > long.MaxValue)) return Reject.TimeOutOfRange;
        if (span.Links.Any(l => l.TraceId.Length is not (0 or 16) || l.SpanId.Length is not (0 or 8))) return Reject.LinkIdLength;
        return null;
    }

    private static string Line(Span span)
    {
        var status = span.Status ?? new Status();
        var kind = (int)span.Kind is >= 0 and <= 5 ? (SpanKind)(int)span.Kind : SpanKind.Unspecified;
        var code = (int)status.Code is >= 0 and <= 2 ? (StatusCode)(int)status.Code : StatusCode.Unset;
        return $"span {Hex(span.TraceId, 16)} {Hex(span.SpanId, 8)} parent={Hex(span.ParentSpanId, 8)} state={span.TraceState} name={span.Name} kind={kind} "
            + $"start={span.StartTimeUnixNano} end={span.EndTimeUnixNano} status={code} {status.Message} flags={span.Flags} "
            + $"dropped={span.DroppedAttributesCount},{span.DroppedEventsCount},{span.DroppedLinksCount} "
            + $"{Attributes(span.Attributes)} events={RecordingSink.List(span.Events.Select(Line))} links={RecordingSink.List(span.Links.Select(Line))}";
    }

    private static string Line(Span.Types.Event e) =>
        $"event time={e.TimeUnixNano} name={e.Name} dropped={e.DroppedAttributesCount} {Attributes(e.Attributes)}";

    private static string Line(Span.Types.Link l) =>
        $"link {Hex(l.TraceId, 16)} {Hex(l.SpanId, 8)} state={l.TraceState} flags={l.Flags} dropped={l.DroppedAttributesCount} {Attributes(l.Attributes)}";

    private static string Attributes(IEnumerable<KeyValue> attributes) =>
        RecordingSink.List(attributes.Select(a =>
        {
            var value = a.Value ?? new AnyValue();
            return RecordingSink.AttributeLine(a.Key, value.ValueCase switch
            {
                AnyValue.ValueOneofCase.StringValue => AttributeValue.Text(System.Text.Encoding.UTF8.GetBytes(value.StringValue)),
                AnyValue.ValueOneofCase.BoolValue => AttributeValue.Bool(value.BoolValue),
                AnyValue.ValueOneofCase.IntValue => AttributeValue.Int(value.IntValue),
                AnyValue.ValueOneofCase.DoubleValue => AttributeValue.Double(value.DoubleValue),
                AnyValue.ValueOneofCase.BytesValue => AttributeValue.Bytes(value.BytesValue.Span),
                AnyValue.ValueOneofCase.ArrayValue => AttributeValue.Array(Canonical(value.ArrayValue).ToByteArray()),
                AnyValue.ValueOneofCase.KvlistValue => AttributeValue.KeyValues(Canonical(value.KvlistValue).ToByteArray()),
                _ => AttributeValue.Empty,
            });
        }));

    /// <summary>The same without unknown fields, and without values that are empty.</summary>
    private static ArrayValue Canonical(ArrayValue array)
    {
        var result = new ArrayValue();
        result.Values.AddRange(array.Values.Select(Canonical));
        return result;
    }

    private static KeyValueList Canonical(KeyValueList list)
    {
        var result = new KeyValueList();
        foreach (var entry in list.Values)
        {
            var copy = new KeyValue { Key = entry.Key };
            if (entry.Value is { ValueCase: not AnyValue.ValueOneofCase.None } value) copy.Value = Canonical(value);
            result.Values.Add(copy);
        }
        return result;
    }

    private static AnyValue Canonical(AnyValue value) => value.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => new AnyValue { StringValue = value.StringValue },
        AnyValue.ValueOneofCase.BoolValue => new AnyValue { BoolValue = value.BoolValue },
        AnyValue.ValueOneofCase.IntValue => new AnyValue { IntValue = value.IntValue },
        AnyValue.ValueOneofCase.DoubleValue => new AnyValue { DoubleValue = value.DoubleValue },
        AnyValue.ValueOneofCase.BytesValue => new AnyValue { BytesValue = value.BytesValue },
        AnyValue.ValueOneofCase.ArrayValue => new AnyValue { ArrayValue = Canonical(value.ArrayValue) },
        AnyValue.ValueOneofCase.KvlistValue => new AnyValue { KvlistValue = Canonical(value.KvlistValue) },
        _ => new AnyValue(),
    };

    private static string Hex(ByteString id, int length) => id.IsEmpty ? new string('0', length * 2) : Convert.ToHexStringLower(id.Span);
}
