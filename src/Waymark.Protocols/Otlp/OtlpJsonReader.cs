// The messages of an OTLP JSON request, from the request down to events and links, streamed into a sink.
using Waymark.Model.Limits;
using Waymark.Model.Spans;

namespace Waymark.Protocols.Otlp;

/// <summary>
/// Reads one request. A resource must be sent before its spans but may stand after them, and so may a scope and both schema URLs: objects that hold lists of spans are
/// gone over once to find those, passing over the lists by their brackets only, and then once more to read the lists.
/// </summary>
internal ref struct OtlpJsonReader<TSink>
    where TSink : struct, ISpanSink
{
    private OtlpJsonValues values;
    private readonly SpanLimits limits;
    private readonly ref TSink sink;
    private readonly ref DecodeReport report;

    public OtlpJsonReader(ReadOnlySpan<byte> body, SpanLimits limits, JsonScratch scratch, ref TSink sink, ref DecodeReport report)
    {
        values = new OtlpJsonValues(body, limits, scratch, ref report);
        this.limits = limits;
        this.sink = ref sink;
        this.report = ref report;
    }

    public void ReadRequest()
    {
        if (values.Json.BeginObject())
        {
            var first = true;
            while (values.Json.NextMember(ref first, out var member))
            {
                if (values.Json.TryNull()) continue;
                if (values.Name(member) != OtlpName.ResourceSpans)
                {
                    values.Json.Skip();
                    continue;
                }
                if (!values.Json.BeginArray()) break;
                var isFirstElement = true;
                while (values.Json.NextElement(ref isFirstElement)) ReadResourceSpans();
            }
        }
        values.Json.ExpectEnd();
        if (!values.Json.Failed) return;
        report.Malformed = values.Json.Error;
        report.MalformedAt = values.Json.ErrorAt;
    }

    private void ReadResourceSpans()
    {
        if (!values.Json.BeginObject()) return;
        var mark = values.Scratch.Length;
        var holder = Survey(OtlpName.Resource, OtlpName.ScopeSpans);
        if (values.Json.Failed) return;
        EnterResource(holder);
        var first = true;
        while (NextList(ref first, OtlpName.ScopeSpans))
        {
            var isFirstElement = true;
            while (values.Json.NextElement(ref isFirstElement)) ReadScopeSpans();
        }
        values.Scratch.Truncate(mark);
    }

    private void ReadScopeSpans()
    {
        if (!values.Json.BeginObject()) return;
        var mark = values.Scratch.Length;
        var holder = Survey(OtlpName.Scope, OtlpName.Spans);
        if (values.Json.Failed) return;
        EnterScope(holder);
        var first = true;
        while (NextList(ref first, OtlpName.Spans))
        {
            var isFirstElement = true;
            while (values.Json.NextElement(ref isFirstElement)) ReadSpan();
        }
        values.Scratch.Truncate(mark);
    }

    /// <summary>What stands beside a list: the resource or scope (an object in the body; length 0 when absent) and the schema URL.</summary>
    private readonly record struct Holder(int Start, int Length, JsonBytes SchemaUrl);

    /// <summary>Goes over the members of the object just begun, without moving. Everything but the lists is checked here for its syntax; those are when they are read.</summary>
    private Holder Survey(OtlpName owner, OtlpName list)
    {
        var begin = values.Json;
        var found = default(Holder);
        var first = true;
        while (values.Json.NextMember(ref first, out var member))
        {
            if (values.Json.TryNull()) continue;
            var name = values.Name(member);
            if (name == list)
            {
                values.Json.SkipBalanced();
            }
            else if (name == OtlpName.SchemaUrl)
            {
                found = found with { SchemaUrl = values.Text() };
            }
            else if (name == owner)
            {
                if (values.Json.Peek() != JsonKind.Object) values.Json.FailType();
                var start = values.Json.At;
                values.Json.Skip();
                found = found with { Start = start, Length = values.Json.At - start };
            }
            else
            {
                values.Json.Skip();
            }
        }
        if (!values.Json.Failed) values.Json = begin;
        return found;
    }

    /// <summary>Moves into the next list of that name in an object that has been surveyed; false at the object's end.</summary>
    private bool NextList(ref bool first, OtlpName list)
    {
        while (values.Json.NextMember(ref first, out var member))
        {
            if (values.Json.TryNull()) continue;
            if (values.Name(member) == list) return values.Json.BeginArray();
            values.Json.SkipBalanced();
        }
        return false;
    }

    private void EnterResource(Holder holder)
    {
        var identity = values.Json.Bytes(holder.Start, holder.Length);
        // A resource known by these bytes was well-formed when the sink learnt it. No bytes identify nothing: they stand for "was cut" as well.
        if (!identity.IsEmpty && sink.TryEnterResource(identity, values.Resolve(holder.SchemaUrl))) return;
        sink.BeginResource();
        var cutsBefore = report.CutTotal;
        uint dropped = 0;
        if (holder.Length > 0)
        {
            var after = values.Json;
            values.Json = after.MovedTo(holder.Start);
            var tally = default(AttributeTally);
            values.Json.BeginObject();
            var first = true;
            while (values.Json.NextMember(ref first, out var member))
            {
                if (values.Json.TryNull()) continue;
                switch (values.Name(member))
                {
                    case OtlpName.Attributes: ReadAttributes(ref tally); break;
                    case OtlpName.DroppedAttributesCount: dropped = values.UInt32(); break;
                    default: values.Json.Skip(); break;
                }
            }
            dropped = tally.AddTo(dropped);
            if (!values.Json.Failed) values.Json = after;
        }
        sink.EndResource(report.CutTotal == cutsBefore ? identity : default, values.Resolve(holder.SchemaUrl), dropped);
    }

    private void EnterScope(Holder holder)
    {
        var identity = values.Json.Bytes(holder.Start, holder.Length);
        if (!identity.IsEmpty && sink.TryEnterScope(identity, values.Resolve(holder.SchemaUrl))) return;
        sink.BeginScope();
        var cutsBefore = report.CutTotal;
        var fields = default(ScopeFields);
        var name = default(JsonBytes);
        var version = default(JsonBytes);
        if (holder.Length > 0)
        {
            var after = values.Json;
            values.Json = after.MovedTo(holder.Start);
            var tally = default(AttributeTally);
            values.Json.BeginObject();
            var first = true;
            while (values.Json.NextMember(ref first, out var member))
            {
                if (values.Json.TryNull()) continue;
                switch (values.Name(member))
                {
                    case OtlpName.Name: name = values.Text(); break;
                    case OtlpName.Version: version = values.Text(); break;
                    case OtlpName.Attributes: ReadAttributes(ref tally); break;
                    case OtlpName.DroppedAttributesCount: fields.DroppedAttributes = values.UInt32(); break;
                    default: values.Json.Skip(); break;
                }
            }
            fields.DroppedAttributes = tally.AddTo(fields.DroppedAttributes);
            if (!values.Json.Failed) values.Json = after;
        }
        fields.Name = values.Resolve(name);
        fields.Version = values.Resolve(version);
        sink.EndScope(report.CutTotal == cutsBefore ? identity : default, values.Resolve(holder.SchemaUrl), fields);
    }

    /// <summary>What of a span cannot be passed on before its end.</summary>
    private struct SpanDraft
    {
        public TraceId TraceId;
        public SpanId SpanId;
        public SpanId ParentSpanId;
        public ulong Start;
        public ulong End;
        public JsonBytes Name;
        public JsonBytes TraceState;
        public JsonBytes StatusMessage;
        public AttributeTally Tally;
        public uint Flags;
        public uint DroppedAttributes;
        public uint DroppedEvents;
        public uint DroppedLinks;
        public byte Kind;
        public byte Status;
        public bool HasTraceId;
        public bool HasSpanId;
        public bool IsParentBad;
        public bool IsEventTimeBad;
        public bool IsLinkBad;

        /// <summary>The first reason, in the order of <see cref="Reject"/>, for which the span cannot be taken.</summary>
        public readonly Reject? Reason()
        {
            if (!HasTraceId) return Reject.TraceIdLength;
            if (TraceId.IsZero) return Reject.TraceIdZero;
            if (!HasSpanId) return Reject.SpanIdLength;
            if (SpanId.IsZero) return Reject.SpanIdZero;
            if (IsParentBad) return Reject.ParentSpanIdLength;
            if (Start > long.MaxValue || End > long.MaxValue || IsEventTimeBad) return Reject.TimeOutOfRange;
            return IsLinkBad ? Reject.LinkIdLength : null;
        }
    }

    private void ReadSpan()
    {
        if (!values.Json.BeginObject()) return;
        var mark = values.Scratch.Length;
        var cutsBefore = report.Cuts;
        var span = default(SpanDraft);
        sink.BeginSpan();
        var first = true;
        while (values.Json.NextMember(ref first, out var member))
        {
            if (values.Json.TryNull()) continue;
            ReadSpanMember(values.Name(member), ref span);
        }
        if (values.Json.Failed) return;
        if (span.Reason() is { } reason)
        {
            // What was cut in a span that is not kept is no loss of its own.
            report.Cuts = cutsBefore;
            report.Count(reason);
            sink.AbandonSpan();
        }
        else
        {
            SpanFields fields = default;
            fields.TraceId = span.TraceId;
            fields.SpanId = span.SpanId;
            fields.ParentSpanId = span.ParentSpanId;
            fields.Start = new UnixNanos((long)span.Start);
            fields.End = new UnixNanos((long)span.End);
            fields.Name = values.Resolve(span.Name);
            fields.TraceState = values.Resolve(span.TraceState);
            fields.StatusMessage = values.Resolve(span.StatusMessage);
            fields.Flags = span.Flags;
            fields.DroppedAttributes = span.Tally.AddTo(span.DroppedAttributes);
            fields.DroppedEvents = span.DroppedEvents;
            fields.DroppedLinks = span.DroppedLinks;
            fields.Kind = (SpanKind)span.Kind;
            fields.Status = (StatusCode)span.Status;
            sink.EndSpan(fields);
            report.Accepted++;
        }
        values.Scratch.Truncate(mark);
    }

    private void ReadSpanMember(OtlpName name, ref SpanDraft span)
    {
        switch (name)
        {
            case OtlpName.TraceId: span.HasTraceId = TryTraceId(out span.TraceId, out _); break;
            case OtlpName.SpanId: span.HasSpanId = TrySpanId(out span.SpanId, out _); break;
            case OtlpName.ParentSpanId: span.IsParentBad = !TrySpanId(out span.ParentSpanId, out var isEmpty) && !isEmpty; break;
            case OtlpName.TraceState: span.TraceState = values.Text(); break;
            case OtlpName.Flags: span.Flags = values.UInt32(); break;
            case OtlpName.Name: span.Name = values.Text(); break;
            case OtlpName.Kind: span.Kind = values.Kind(); break;
            case OtlpName.StartTimeUnixNano: span.Start = values.UInt64(); break;
            case OtlpName.EndTimeUnixNano: span.End = values.UInt64(); break;
            case OtlpName.Attributes: ReadAttributes(ref span.Tally); break;
            case OtlpName.DroppedAttributesCount: span.DroppedAttributes = values.UInt32(); break;
            case OtlpName.Events: ReadEvents(ref span); break;
            case OtlpName.DroppedEventsCount: span.DroppedEvents = values.UInt32(); break;
            case OtlpName.Links: ReadLinks(ref span); break;
            case OtlpName.DroppedLinksCount: span.DroppedLinks = values.UInt32(); break;
            case OtlpName.Status: ReadStatus(ref span); break;
            default: values.Json.Skip(); break;
        }
    }

    private void ReadStatus(ref SpanDraft span)
    {
        if (!values.Json.BeginObject()) return;
        span.Status = 0;
        span.StatusMessage = default;
        var first = true;
        while (values.Json.NextMember(ref first, out var member))
        {
            if (values.Json.TryNull()) continue;
            switch (values.Name(member))
            {
                case OtlpName.Code: span.Status = values.StatusCode(); break;
                case OtlpName.Message: span.StatusMessage = values.Text(); break;
                default: values.Json.Skip(); break;
            }
        }
    }

    private void ReadEvents(ref SpanDraft span)
    {
        if (!values.Json.BeginArray()) return;
        var isFirstElement = true;
        while (values.Json.NextElement(ref isFirstElement))
        {
            if (!values.Json.BeginObject()) return;
            var mark = values.Scratch.Length;
            var fields = default(EventFields);
            var name = default(JsonBytes);
            ulong time = 0;
            var tally = default(AttributeTally);
            sink.BeginEvent();
            var first = true;
            while (values.Json.NextMember(ref first, out var member))
            {
                if (values.Json.TryNull()) continue;
                switch (values.Name(member))
                {
                    case OtlpName.TimeUnixNano: time = values.UInt64(); break;
                    case OtlpName.Name: name = values.Text(); break;
                    case OtlpName.Attributes: ReadAttributes(ref tally); break;
                    case OtlpName.DroppedAttributesCount: fields.DroppedAttributes = values.UInt32(); break;
                    default: values.Json.Skip(); break;
                }
            }
            span.IsEventTimeBad |= time > long.MaxValue;
            fields.Time = new UnixNanos((long)Math.Min(time, long.MaxValue));
            fields.Name = values.Resolve(name);
            fields.DroppedAttributes = tally.AddTo(fields.DroppedAttributes);
            sink.EndEvent(fields);
            values.Scratch.Truncate(mark);
        }
    }

    private void ReadLinks(ref SpanDraft span)
    {
        if (!values.Json.BeginArray()) return;
        var isFirstElement = true;
        while (values.Json.NextElement(ref isFirstElement))
        {
            if (!values.Json.BeginObject()) return;
            var mark = values.Scratch.Length;
            var fields = default(LinkFields);
            var traceState = default(JsonBytes);
            var tally = default(AttributeTally);
            var areIdsGood = (Trace: true, Span: true);
            sink.BeginLink();
            var first = true;
            while (values.Json.NextMember(ref first, out var member))
            {
                if (values.Json.TryNull()) continue;
                switch (values.Name(member))
                {
                    case OtlpName.TraceId: areIdsGood.Trace = TryTraceId(out fields.TraceId, out var isEmpty) || isEmpty; break;
                    case OtlpName.SpanId: areIdsGood.Span = TrySpanId(out fields.SpanId, out isEmpty) || isEmpty; break;
                    case OtlpName.TraceState: traceState = values.Text(); break;
                    case OtlpName.Flags: fields.Flags = values.UInt32(); break;
                    case OtlpName.Attributes: ReadAttributes(ref tally); break;
                    case OtlpName.DroppedAttributesCount: fields.DroppedAttributes = values.UInt32(); break;
                    default: values.Json.Skip(); break;
                }
            }
            span.IsLinkBad |= !areIdsGood.Trace || !areIdsGood.Span;
            fields.TraceState = values.Resolve(traceState);
            fields.DroppedAttributes = tally.AddTo(fields.DroppedAttributes);
            sink.EndLink(fields);
            values.Scratch.Truncate(mark);
        }
    }

    /// <summary>Attributes of one element so far: <c>attributes</c> may be given in pieces.</summary>
    private struct AttributeTally
    {
        public int Kept;
        public uint Dropped;

        /// <summary>The dropped count as sent plus what was dropped here; it stops at the largest number there is.</summary>
        public readonly uint AddTo(uint sent) => (uint)Math.Min(uint.MaxValue, (ulong)sent + Dropped);
    }

    private void ReadAttributes(ref AttributeTally tally)
    {
        if (!values.Json.BeginArray()) return;
        var first = true;
        while (values.Json.NextElement(ref first))
        {
            if (tally.Kept < limits.MaxAttributes)
            {
                tally.Kept++;
                ReadAttribute(isKept: true);
                continue;
            }
            // It must be well-formed all the same; what would have been cut in it is lost with it.
            var cutsBefore = report.Cuts;
            ReadAttribute(isKept: false);
            report.Cuts = cutsBefore;
            report.Count(Cut.TooManyAttributes);
            tally.Dropped++;
        }
    }

    private void ReadAttribute(bool isKept)
    {
        if (!values.Json.BeginObject()) return;
        var mark = values.Scratch.Length;
        var key = default(JsonBytes);
        var value = default(JsonValue);
        var first = true;
        while (values.Json.NextMember(ref first, out var member))
        {
            if (values.Json.TryNull()) continue;
            switch (values.Name(member))
            {
                case OtlpName.Key: key = values.Text(); break;
                case OtlpName.Value: value = values.Any(depth: 0); break;
                default: values.Json.Skip(); break;
            }
        }
        if (values.Json.Failed) return;
        if (isKept) Send(key, value);
        values.Scratch.Truncate(mark);
    }

    private void Send(JsonBytes key, JsonValue value)
    {
        var content = values.Resolve(value.Content);
        sink.Attribute(values.Resolve(key), value.Type switch
        {
            AttributeType.Text => AttributeValue.Text(content),
            AttributeType.Bool => AttributeValue.Bool(value.Number != 0),
            AttributeType.Int => AttributeValue.Int(value.Number),
            AttributeType.Double => AttributeValue.Double(BitConverter.Int64BitsToDouble(value.Number)),
            AttributeType.Array => AttributeValue.Array(content),
            AttributeType.KeyValues => AttributeValue.KeyValues(content),
            AttributeType.Bytes => AttributeValue.Bytes(content),
            _ => AttributeValue.Empty,
        });
    }

    private bool TryTraceId(out TraceId id, out bool isEmpty)
    {
        Span<byte> bytes = stackalloc byte[TraceId.Bytes];
        var isRight = values.TryHex(bytes, out isEmpty);
        id = isRight ? TraceId.Read(bytes) : default;
        return isRight;
    }

    private bool TrySpanId(out SpanId id, out bool isEmpty)
    {
        Span<byte> bytes = stackalloc byte[SpanId.Bytes];
        var isRight = values.TryHex(bytes, out isEmpty);
        id = isRight ? SpanId.Read(bytes) : default;
        return isRight;
    }
}
