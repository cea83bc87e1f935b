// The walk through one OTLP protobuf request: resources, scopes, spans, events, links. Values are AnyValueReader's part.
using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Protocols.Protobuf;

namespace Waymark.Protocols.Otlp;

/// <summary>
/// One decode in progress. Fields of opentelemetry-proto v1, trace.proto and resource.proto:
/// <code>
/// ExportTraceServiceRequest  resource_spans = 1
/// ResourceSpans              resource = 1, scope_spans = 2, schema_url = 3
/// Resource                   attributes = 1, dropped_attributes_count = 2
/// ScopeSpans                 scope = 1, spans = 2, schema_url = 3
/// InstrumentationScope       name = 1, version = 2, attributes = 3, dropped_attributes_count = 4
/// Span                       trace_id = 1, span_id = 2, trace_state = 3, parent_span_id = 4, name = 5, kind = 6, start_time_unix_nano = 7 (fixed64),
///                            end_time_unix_nano = 8 (fixed64), attributes = 9, dropped_attributes_count = 10, events = 11, dropped_events_count = 12,
///                            links = 13, dropped_links_count = 14, status = 15, flags = 16 (fixed32)
/// Event                      time_unix_nano = 1 (fixed64), name = 2, attributes = 3, dropped_attributes_count = 4
/// Link                       trace_id = 1, span_id = 2, trace_state = 3, attributes = 4, dropped_attributes_count = 5, flags = 6 (fixed32)
/// Status                     message = 2, code = 3
/// </code>
/// Case labels below are tags: field number, shifted, and wire type (0 varint, 1 fixed64, 2 length-delimited, 5 fixed32).
/// Every method answers false when the body is malformed; the report then says where.
/// </summary>
internal ref struct OtlpProtobufRequest<TSink>
    where TSink : struct, ISpanSink
{
    private readonly ReadOnlySpan<byte> body;
    private readonly ref TSink sink;
    private readonly ref DecodeReport report;
    private readonly int maxAttributes;
    private AnyValueReader values;

    public OtlpProtobufRequest(ReadOnlySpan<byte> body, SpanLimits limits, ref TSink sink, ref DecodeReport report)
    {
        this.body = body;
        this.sink = ref sink;
        this.report = ref report;
        maxAttributes = limits.MaxAttributes;
        values = new AnyValueReader(body, limits, ref report);
    }

    public readonly void Dispose() => values.Dispose();

    public bool Read()
    {
        var reader = new ProtobufReader(body);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            if (tag != (1 << 3 | 2)) reader.Skip(tag);
            else if (!ReadResourceSpans(reader.ReadBytes())) return false;
        }
        return Finish(body, reader.Error, reader.Remaining);
    }

    private bool ReadResourceSpans(ReadOnlySpan<byte> message)
    {
        if (!FindHolder(message, out var resource, out var schemaUrl) || !ReadResource(resource, schemaUrl)) return false;
        var reader = new ProtobufReader(message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            if (tag != (2 << 3 | 2)) reader.Skip(tag);
            else if (!ReadScopeSpans(reader.ReadBytes())) return false;
        }
        return true;
    }

    /// <summary>The resource or scope of a message and its schema URL, which may follow the spans: found first, hopping over everything else.</summary>
    private bool FindHolder(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> holder, out ReadOnlySpan<byte> schemaUrl)
    {
        holder = schemaUrl = default;
        ReadOnlySpan<byte> found = default, url = default;
        ArrayBufferWriter<byte>? joined = null;
        var reader = new ProtobufReader(message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            if (tag == (1 << 3 | 2))
            {
                if (!values.Join(ref found, ref joined, reader.ReadBytes())) return false;
            }
            else if (tag == (3 << 3 | 2)) url = reader.ReadBytes();
            else reader.Skip(tag);
        }
        holder = found;
        schemaUrl = url;
        return Finish(message, reader.Error, reader.Remaining);
    }

    private bool ReadResource(ReadOnlySpan<byte> message, ReadOnlySpan<byte> rawSchemaUrl)
    {
        var cutsBefore = report.CutTotal;
        var schemaUrl = values.Text(rawSchemaUrl);
        // A resource known by these bytes was well-formed when the sink learnt it. No bytes identify nothing: they stand for "was cut" as well.
        if (!message.IsEmpty && sink.TryEnterResource(message, schemaUrl)) return true;
        sink.BeginResource();
        uint dropped = 0;
        var attributes = 0;
        var reader = new ProtobufReader(message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            switch (tag)
            {
                case 1 << 3 | 2:
                    if (!ReadAttribute(reader.ReadBytes(), ref attributes)) return false;
                    break;
                case 2 << 3 | 0:
                    dropped = (uint)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }
        if (!Finish(message, reader.Error, reader.Remaining)) return false;
        sink.EndResource(report.CutTotal == cutsBefore ? message : default, schemaUrl, Dropped(dropped, attributes));
        return true;
    }

    private bool ReadScopeSpans(ReadOnlySpan<byte> message)
    {
        if (!FindHolder(message, out var scope, out var schemaUrl) || !ReadScope(scope, schemaUrl)) return false;
        var reader = new ProtobufReader(message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            if (tag != (2 << 3 | 2)) reader.Skip(tag);
            else if (!ReadSpan(reader.ReadBytes())) return false;
        }
        return true;
    }

    private bool ReadScope(ReadOnlySpan<byte> message, ReadOnlySpan<byte> rawSchemaUrl)
    {
        var cutsBefore = report.CutTotal;
        var schemaUrl = values.Text(rawSchemaUrl);
        if (!message.IsEmpty && sink.TryEnterScope(message, schemaUrl)) return true;
        sink.BeginScope();
        var scope = default(ScopeFields);
        var attributes = 0;
        var reader = new ProtobufReader(message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            switch (tag)
            {
                case 1 << 3 | 2:
                    scope.Name = reader.ReadBytes();
                    break;
                case 2 << 3 | 2:
                    scope.Version = reader.ReadBytes();
                    break;
                case 3 << 3 | 2:
                    if (!ReadAttribute(reader.ReadBytes(), ref attributes)) return false;
                    break;
                case 4 << 3 | 0:
                    scope.DroppedAttributes = (uint)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }
        if (!Finish(message, reader.Error, reader.Remaining)) return false;
        scope.Name = values.Text(scope.Name);
        scope.Version = values.Text(scope.Version);
        scope.DroppedAttributes = Dropped(scope.DroppedAttributes, attributes);
        sink.EndScope(report.CutTotal == cutsBefore ? message : default, schemaUrl, scope);
        return true;
    }

    private bool ReadSpan(ReadOnlySpan<byte> message)
    {
        var cutsBefore = report.Cuts;
        sink.BeginSpan();
        var span = default(SpanFields);
        var raw = default(RawSpan);
        var at = ReadAttributes(message, ReadUsualStart(message, ref span, ref raw), ref raw.Attributes);
        if (at < 0) return false;
        var reader = new ProtobufReader(message[at..]);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            // By wire type first: each kind of read is inlined once, and unknown fields need no case.
            if ((tag & 7) == 2)
            {
                var content = reader.ReadBytes();
                // Most fields of most spans are attributes.
                if (tag == (9 << 3 | 2) ? !ReadAttribute(content, ref raw.Attributes) : !ReadSpanPart(tag, content, ref span, ref raw)) return false;
            }
            else if ((tag & 7) == 0) ReadSpanNumber(tag, (uint)reader.ReadVarint(), ref span, ref raw);
            else if (tag == (7 << 3 | 1)) raw.Start = reader.ReadFixed64();
            else if (tag == (8 << 3 | 1)) raw.End = reader.ReadFixed64();
            else if (tag == (16 << 3 | 5)) span.Flags = reader.ReadFixed32();
            else reader.Skip(tag);
        }
        if (!Finish(message, reader.Error, reader.Remaining)) return false;
        EndSpan(ref span, raw, cutsBefore);
        return true;
    }

    /// <summary>
    /// Reads what nearly every producer begins a span with, and answers how many bytes that was:
    /// <code>0A 10 trace id, 12 08 span id, [22 08 parent], [2A name-length name], [30 kind], [39 start 41 end]</code>
    /// in this order. What stands elsewhere, or differently, is left to the loop over tags.
    /// </summary>
    private static int ReadUsualStart(ReadOnlySpan<byte> message, ref SpanFields span, ref RawSpan raw)
    {
        const int Ids = 2 + TraceId.Bytes + 2 + SpanId.Bytes;
        const int Parent = 2 + SpanId.Bytes;
        const int Times = 2 * (1 + sizeof(ulong));
        if (message.Length < Ids + Parent + 2 || message[0] != (1 << 3 | 2) || message[1] != TraceId.Bytes || message[18] != (2 << 3 | 2) || message[19] != SpanId.Bytes) return 0;
        raw.TraceId = message.Slice(2, TraceId.Bytes);
        raw.SpanId = message.Slice(20, SpanId.Bytes);
        var at = Ids;
        if (message[at] == (4 << 3 | 2) && message[at + 1] == SpanId.Bytes)
        {
            raw.ParentSpanId = message.Slice(at + 2, SpanId.Bytes);
            at += Parent;
        }
        if (message[at] != (5 << 3 | 2) || message[at + 1] >= 0x80 || message.Length < at + 2 + message[at + 1] + 2 + Times) return at;
        span.Name = message.Slice(at + 2, message[at + 1]);
        at += 2 + span.Name.Length;
        if (message[at] == (6 << 3 | 0) && message[at + 1] < 0x80)
        {
            raw.Kind = message[at + 1];
            at += 2;
        }
        if (message[at] != (7 << 3 | 1) || message[at + 1 + sizeof(ulong)] != (8 << 3 | 1)) return at;
        raw.Start = BinaryPrimitives.ReadUInt64LittleEndian(message[(at + 1)..]);
        raw.End = BinaryPrimitives.ReadUInt64LittleEndian(message[(at + 2 + sizeof(ulong))..]);
        return at + Times;
    }

    /// <summary>
    /// Reads attributes of a span for as long as one follows another from <paramref name="at"/> on, and answers where the first other thing stands: anything unusual is that too. −1: malformed.
    /// A loop of its own, because one over a <see cref="ProtobufReader"/> among so much else keeps the reader in memory, and each step waits for the one before.
    /// </summary>
    private int ReadAttributes(ReadOnlySpan<byte> message, int at, ref int count)
    {
        while (at + 2 < message.Length && message[at] == (9 << 3 | 2) && count < maxAttributes)
        {
            int length = message[at + 1];
            var content = at + 2;
            if (length >= 0x80)
            {
                if (message[content] >= 0x80) return at;
                length = (length & 0x7F) | (message[content++] << 7);
            }
            if (length > message.Length - content) return at;
            count++;
            if (!values.ReadAttribute(message.Slice(content, length), ref sink)) return -1;
            at = content + length;
        }
        return at;
    }

    /// <summary>A length-delimited field of a span other than an attribute.</summary>
    private bool ReadSpanPart(uint tag, ReadOnlySpan<byte> content, ref SpanFields span, ref RawSpan raw)
    {
        switch (tag >> 3)
        {
            case 1:
                raw.TraceId = content;
                return true;
            case 2:
                raw.SpanId = content;
                return true;
            case 3:
                span.TraceState = content;
                return true;
            case 4:
                raw.ParentSpanId = content;
                return true;
            case 5:
                span.Name = content;
                return true;
            case 11:
                return ReadEvent(content, ref raw);
            case 13:
                return ReadLink(content, ref raw);
            case 15:
                return ReadStatus(content, ref span.StatusMessage, ref raw.Status);
            default:
                return true;
        }
    }

    /// <summary>A varint field of a span: all are 32 bits wide.</summary>
    private static void ReadSpanNumber(uint tag, uint number, ref SpanFields span, ref RawSpan raw)
    {
        switch (tag >> 3)
        {
            case 6:
                raw.Kind = number;
                break;
            case 10:
                span.DroppedAttributes = number;
                break;
            case 12:
                span.DroppedEvents = number;
                break;
            case 14:
                span.DroppedLinks = number;
                break;
        }
    }

    /// <summary>What of a span is judged at its end.</summary>
    private ref struct RawSpan
    {
        public ReadOnlySpan<byte> TraceId;
        public ReadOnlySpan<byte> SpanId;
        public ReadOnlySpan<byte> ParentSpanId;
        public ulong Start;
        public ulong End;
        public uint Kind;
        public uint Status;
        public int Attributes;
        public bool HasBadEventTime;
        public bool HasBadLinkId;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndSpan(ref SpanFields span, in RawSpan raw, in CutCounts cutsBefore)
    {
        if (Judge(raw, ref span) is { } reason)
        {
            sink.AbandonSpan();
            report.Count(reason);
            // Cuts are told of accepted spans only.
            report.Cuts = cutsBefore;
            return;
        }
        span.Start = new UnixNanos((long)raw.Start);
        span.End = new UnixNanos((long)raw.End);
        span.Name = values.Text(span.Name);
        span.TraceState = values.Text(span.TraceState);
        span.StatusMessage = values.Text(span.StatusMessage);
        span.DroppedAttributes = Dropped(span.DroppedAttributes, raw.Attributes);
        if (raw.Kind <= (uint)SpanKind.Consumer) span.Kind = (SpanKind)raw.Kind;
        else report.Count(Cut.UnknownEnum);
        if (raw.Status <= (uint)StatusCode.Error) span.Status = (StatusCode)raw.Status;
        else report.Count(Cut.UnknownEnum);
        sink.EndSpan(span);
        report.Accepted++;
    }

    /// <summary>Reads the ids. Answers why the span is refused, the first reason in the order of <see cref="Reject"/>; null when it is good.</summary>
    private static Reject? Judge(in RawSpan raw, ref SpanFields span)
    {
        if (raw.TraceId.Length != TraceId.Bytes) return Reject.TraceIdLength;
        span.TraceId = TraceId.Read(raw.TraceId);
        if (span.TraceId.IsZero) return Reject.TraceIdZero;
        if (raw.SpanId.Length != SpanId.Bytes) return Reject.SpanIdLength;
        span.SpanId = SpanId.Read(raw.SpanId);
        if (span.SpanId.IsZero) return Reject.SpanIdZero;
        if (raw.ParentSpanId.Length == SpanId.Bytes) span.ParentSpanId = SpanId.Read(raw.ParentSpanId);
        else if (raw.ParentSpanId.Length != 0) return Reject.ParentSpanIdLength;
        if ((raw.Start | raw.End) > long.MaxValue || raw.HasBadEventTime) return Reject.TimeOutOfRange;
        if (raw.HasBadLinkId) return Reject.LinkIdLength;
        return null;
    }

    private bool ReadEvent(ReadOnlySpan<byte> message, ref RawSpan span)
    {
        sink.BeginEvent();
        var fields = default(EventFields);
        ulong time = 0;
        var attributes = 0;
        var reader = new ProtobufReader(message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            switch (tag)
            {
                case 1 << 3 | 1:
                    time = reader.ReadFixed64();
                    break;
                case 2 << 3 | 2:
                    fields.Name = reader.ReadBytes();
                    break;
                case 3 << 3 | 2:
                    if (!ReadAttribute(reader.ReadBytes(), ref attributes)) return false;
                    break;
                case 4 << 3 | 0:
                    fields.DroppedAttributes = (uint)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }
        if (!Finish(message, reader.Error, reader.Remaining)) return false;
        // The span will be abandoned, but until then the sink must not meet a negative time.
        if (time > long.MaxValue) span.HasBadEventTime = true;
        else fields.Time = new UnixNanos((long)time);
        fields.Name = values.Text(fields.Name);
        fields.DroppedAttributes = Dropped(fields.DroppedAttributes, attributes);
        sink.EndEvent(fields);
        return true;
    }

    private bool ReadLink(ReadOnlySpan<byte> message, ref RawSpan span)
    {
        sink.BeginLink();
        var fields = default(LinkFields);
        ReadOnlySpan<byte> traceId = default, spanId = default;
        var attributes = 0;
        var reader = new ProtobufReader(message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            switch (tag)
            {
                case 1 << 3 | 2:
                    traceId = reader.ReadBytes();
                    break;
                case 2 << 3 | 2:
                    spanId = reader.ReadBytes();
                    break;
                case 3 << 3 | 2:
                    fields.TraceState = reader.ReadBytes();
                    break;
                case 4 << 3 | 2:
                    if (!ReadAttribute(reader.ReadBytes(), ref attributes)) return false;
                    break;
                case 5 << 3 | 0:
                    fields.DroppedAttributes = (uint)reader.ReadVarint();
                    break;
                case 6 << 3 | 5:
                    fields.Flags = reader.ReadFixed32();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }
        if (!Finish(message, reader.Error, reader.Remaining)) return false;
        if (traceId.Length == TraceId.Bytes) fields.TraceId = TraceId.Read(traceId);
        else if (traceId.Length != 0) span.HasBadLinkId = true;
        if (spanId.Length == SpanId.Bytes) fields.SpanId = SpanId.Read(spanId);
        else if (spanId.Length != 0) span.HasBadLinkId = true;
        fields.TraceState = values.Text(fields.TraceState);
        fields.DroppedAttributes = Dropped(fields.DroppedAttributes, attributes);
        sink.EndLink(fields);
        return true;
    }

    private readonly bool ReadStatus(ReadOnlySpan<byte> message, ref ReadOnlySpan<byte> text, ref uint code)
    {
        var reader = new ProtobufReader(message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            switch (tag)
            {
                case 2 << 3 | 2:
                    text = reader.ReadBytes();
                    break;
                case 3 << 3 | 0:
                    code = (uint)reader.ReadVarint();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }
        return Finish(message, reader.Error, reader.Remaining);
    }

    /// <summary>Sends one attribute of the open element, or drops it when the element has as many as it may. <paramref name="count"/>: those met so far.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool ReadAttribute(ReadOnlySpan<byte> message, ref int count) =>
        count++ < maxAttributes ? values.ReadAttribute(message, ref sink) : DropAttribute(message);

    private bool DropAttribute(ReadOnlySpan<byte> message)
    {
        var cuts = report.Cuts;
        if (!values.CheckAttribute(message)) return false;
        report.Cuts = cuts;
        report.Count(Cut.TooManyAttributes);
        return true;
    }

    /// <summary>An element's dropped count as sent, and what was dropped here on top of it.</summary>
    private readonly uint Dropped(uint sent, int attributes) =>
        attributes <= maxAttributes ? sent : (uint)Math.Min(uint.MaxValue, sent + (long)(attributes - maxAttributes));

    /// <summary>The end of a message. Takes what it needs of the reader by value: taking its address would keep it out of registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool Finish(ReadOnlySpan<byte> message, Malformed error, int remaining) =>
        error == Malformed.None || values.Fail(message, error, remaining);
}
