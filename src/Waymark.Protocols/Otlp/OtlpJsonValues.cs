// The typed values of OTLP JSON: texts, numbers, ids, AnyValue. Everything below the messages that hold spans.
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;

namespace Waymark.Protocols.Otlp;

/// <summary>Clean text (valid UTF-8, within the limit) or bytes: a slice of the body, or of the scratch.</summary>
internal readonly record struct JsonBytes(int Start, int Length, bool InScratch);

/// <summary>One <c>AnyValue</c>. Content in the scratch reaches from where the scratch ended before to where it ends now.</summary>
internal readonly record struct JsonValue(AttributeType Type, long Number, JsonBytes Content);

/// <summary>Reads values at a cursor; cuts what is over the limits and counts the cuts.</summary>
internal ref struct OtlpJsonValues
{
    /// <summary>Values within values beyond which an empty one is put, whatever <see cref="SpanLimits.MaxNesting"/> allows: the reader recurses, and the stack is finite. As in protobuf.</summary>
    public const int MaxNesting = 100;

    public JsonCursor Json;
    public readonly JsonScratch Scratch;
    private readonly SpanLimits limits;
    private readonly int maxNesting;
    private readonly bool isBodyUtf8;
    private readonly ref DecodeReport report;

    public OtlpJsonValues(ReadOnlySpan<byte> body, SpanLimits limits, JsonScratch scratch, ref DecodeReport report)
    {
        Json = new JsonCursor(body);
        Scratch = scratch;
        this.limits = limits;
        this.report = ref report;
        maxNesting = Math.Min(limits.MaxNesting, MaxNesting);
        isBodyUtf8 = Utf8Text.IsValid(body);
    }

    public readonly ReadOnlySpan<byte> Resolve(JsonBytes bytes) =>
        bytes.InScratch ? Scratch.Slice(bytes.Start, bytes.Length) : Json.Bytes(bytes.Start, bytes.Length);

    public OtlpName Name(JsonText name)
    {
        if (!name.Escaped) return OtlpJsonNames.Find(Json.Bytes(name));
        var mark = Scratch.Length;
        var found = OtlpJsonNames.Find(Unescaped(name));
        Scratch.Truncate(mark);
        return found;
    }

    public JsonBytes Text() => Clean(Json.String());

    public uint UInt32() => (uint)Integer(0, uint.MaxValue);

    public ulong UInt64() => Integer(0, ulong.MaxValue);

    public byte Kind()
    {
        return Enumeration("SPAN_KIND_UNSPECIFIED"u8, "SPAN_KIND_INTERNAL"u8, "SPAN_KIND_SERVER"u8, "SPAN_KIND_CLIENT"u8, "SPAN_KIND_PRODUCER"u8, "SPAN_KIND_CONSUMER"u8);
    }

    public byte StatusCode() => Enumeration("STATUS_CODE_UNSET"u8, "STATUS_CODE_OK"u8, "STATUS_CODE_ERROR"u8, default, default, default);

    /// <summary>An id in hex. False when it is not exactly as long as <paramref name="id"/> or not hex; <paramref name="isEmpty"/> when there is no digit at all.</summary>
    public bool TryHex(scoped Span<byte> id, out bool isEmpty)
    {
        var text = Json.String();
        isEmpty = text.Length == 0;
        var mark = Scratch.Length;
        var digits = Unescaped(text);
        var isRight = digits.Length == id.Length * 2
            && Convert.FromHexString(digits, id, out _, out _) == System.Buffers.OperationStatus.Done;
        Scratch.Truncate(mark);
        return isRight;
    }

    /// <summary>Reads an <c>AnyValue</c> object. <paramref name="depth"/> is 0 for an attribute's value. What is appended to the scratch is the caller's to remove.</summary>
    public JsonValue Any(int depth)
    {
        var value = default(JsonValue);
        if (!Json.BeginObject()) return value;
        var first = true;
        if (depth > maxNesting)
        {
            PassTooDeep();
            return value;
        }
        var mark = Scratch.Length;
        while (Json.NextMember(ref first, out var member))
        {
            if (Json.TryNull()) continue;
            var name = Name(member);
            if (name is not (OtlpName.StringValue or OtlpName.BoolValue or OtlpName.IntValue or OtlpName.DoubleValue or OtlpName.BytesValue or OtlpName.ArrayValue or OtlpName.KvlistValue))
            {
                Json.Skip();
                continue;
            }
            Scratch.Truncate(mark);
            value = name switch
            {
                OtlpName.StringValue => new JsonValue(AttributeType.Text, 0, Text()),
                OtlpName.BoolValue => new JsonValue(AttributeType.Bool, Bool() ? 1 : 0, default),
                OtlpName.IntValue => new JsonValue(AttributeType.Int, (long)Integer(1UL << 63, long.MaxValue), default),
                OtlpName.DoubleValue => new JsonValue(AttributeType.Double, BitConverter.DoubleToInt64Bits(Double()), default),
                OtlpName.BytesValue => new JsonValue(AttributeType.Bytes, 0, Base64()),
                OtlpName.ArrayValue => new JsonValue(AttributeType.Array, 0, Values(depth + 1, isKeyed: false)),
                _ => new JsonValue(AttributeType.KeyValues, 0, Values(depth + 1, isKeyed: true)),
            };
        }
        return value;
    }

    /// <summary>Leaves the object just begun, which becomes an empty value; one that was empty anyway has lost nothing.</summary>
    private void PassTooDeep()
    {
        var isEmpty = true;
        var first = true;
        while (Json.NextMember(ref first, out _))
        {
            if (Json.TryNull()) continue;
            Json.Skip();
            isEmpty = false;
        }
        if (!isEmpty) report.Count(Cut.NestingTooDeep);
    }

    private bool Bool()
    {
        switch (Json.Peek())
        {
            case JsonKind.True or JsonKind.False:
                return Json.Bool();
            case JsonKind.String:
                var at = Json.At;
                var mark = Scratch.Length;
                var text = Unescaped(Json.String());
                Scratch.Truncate(mark);
                if (text.SequenceEqual("true"u8)) return true;
                if (!text.SequenceEqual("false"u8)) Json.Fail(Malformed.WrongJsonType, at);
                return false;
            default:
                Json.FailType();
                return false;
        }
    }

    /// <summary>A whole number, as a JSON number or as a string holding one, from −<paramref name="lowest"/> to <paramref name="highest"/>; negative ones in two's complement.</summary>
    private ulong Integer(ulong lowest, ulong highest)
    {
        var isText = Json.Peek() == JsonKind.String;
        var at = Json.At;
        var mark = Scratch.Length;
        var number = isText ? Unescaped(Json.String()) : Json.Number();
        Scratch.Truncate(mark);
        if (Json.Failed) return 0;
        if (!IsNumber(number) || !JsonNumbers.TryInteger(number, out var negative, out var magnitude) || magnitude > (negative ? lowest : highest))
        {
            Json.Fail(Malformed.BadJsonNumber, at);
            return 0;
        }
        return negative ? 0 - magnitude : magnitude;
    }

    private double Double()
    {
        var isText = Json.Peek() == JsonKind.String;
        var at = Json.At;
        var mark = Scratch.Length;
        var text = isText ? Unescaped(Json.String()) : Json.Number();
        Scratch.Truncate(mark);
        if (Json.Failed) return 0;
        if (isText)
        {
            if (text.SequenceEqual("NaN"u8)) return double.NaN;
            if (text.SequenceEqual("Infinity"u8)) return double.PositiveInfinity;
            if (text.SequenceEqual("-Infinity"u8)) return double.NegativeInfinity;
        }
        if (IsNumber(text) && JsonNumbers.TryDouble(text, out var value)) return value;
        Json.Fail(Malformed.BadJsonNumber, at);
        return 0;
    }

    private static bool IsNumber(ReadOnlySpan<byte> text) => text.Length > 0 && JsonNumbers.Scan(text) == text.Length;

    /// <summary>What a string stands for, where it stands or in the scratch: then it is the caller's to remove, and good until the scratch is next appended to.</summary>
    private readonly ReadOnlySpan<byte> Unescaped(JsonText text)
    {
        if (!text.Escaped) return Json.Bytes(text);
        var mark = Scratch.Length;
        Scratch.AppendUnescaped(Json.Bytes(text));
        return Scratch.From(mark);
    }

    private byte Enumeration(ReadOnlySpan<byte> zero, ReadOnlySpan<byte> one, ReadOnlySpan<byte> two, ReadOnlySpan<byte> three, ReadOnlySpan<byte> four, ReadOnlySpan<byte> five)
    {
        var last = three.IsEmpty ? 2u : 5u;
        if (Json.Peek() != JsonKind.String)
        {
            var number = (long)Integer(1UL << 31, int.MaxValue);
            if (number >= 0 && number <= last) return (byte)number;
            report.Count(Cut.UnknownEnum);
            return 0;
        }
        var mark = Scratch.Length;
        var name = Unescaped(Json.String());
        Scratch.Truncate(mark);
        if (name.SequenceEqual(zero)) return 0;
        if (name.SequenceEqual(one)) return 1;
        if (name.SequenceEqual(two)) return 2;
        if (last > 2)
        {
            if (name.SequenceEqual(three)) return 3;
            if (name.SequenceEqual(four)) return 4;
            if (name.SequenceEqual(five)) return 5;
        }
        report.Count(Cut.UnknownEnum);
        return 0;
    }

    private JsonBytes Base64()
    {
        var at = Json.At;
        var text = Json.String();
        if (Json.Failed) return default;
        var mark = Scratch.Length;
        Scratch.AppendUnescaped(Json.Bytes(text));
        if (!Scratch.TryDecodeBase64(mark)) Json.Fail(Malformed.BadBase64, at);
        if (Scratch.Length - mark > limits.MaxTextBytes)
        {
            report.Count(Cut.TextTooLong);
            Scratch.Truncate(mark + limits.MaxTextBytes);
        }
        return new JsonBytes(mark, Scratch.Length - mark, InScratch: true);
    }

    /// <summary>
    /// An <c>ArrayValue</c> or <c>KeyValueList</c> object, as its canonical message in the scratch: without what says nothing, which is an empty key, and the value
    /// of a key whose value is empty; elements of an array are never left out. A repeated <c>values</c> goes on where the first ended.
    /// </summary>
    private JsonBytes Values(int depth, bool isKeyed)
    {
        var mark = Scratch.Length;
        if (!Json.BeginObject()) return default;
        var first = true;
        while (Json.NextMember(ref first, out var member))
        {
            if (Json.TryNull()) continue;
            if (Name(member) != OtlpName.Values)
            {
                Json.Skip();
                continue;
            }
            if (!Json.BeginArray()) break;
            var isFirstElement = true;
            while (Json.NextElement(ref isFirstElement))
            {
                var element = Scratch.Length;
                if (isKeyed) AppendKeyValue(depth);
                else AppendAny(depth);
                Scratch.Enclose(element, tag: 1 << 3 | 2);
            }
        }
        return new JsonBytes(mark, Scratch.Length - mark, InScratch: true);
    }

    private void AppendKeyValue(int depth)
    {
        if (!Json.BeginObject()) return;
        var mark = Scratch.Length;
        var key = default(JsonText);
        var first = true;
        while (Json.NextMember(ref first, out var member))
        {
            if (Json.TryNull()) continue;
            switch (Name(member))
            {
                case OtlpName.Key:
                    key = Json.String();
                    break;
                case OtlpName.Value:
                    Scratch.Truncate(mark);
                    AppendAny(depth);
                    if (Scratch.Length > mark) Scratch.Enclose(mark, tag: 2 << 3 | 2);
                    break;
                default:
                    Json.Skip();
                    break;
            }
        }
        if (Json.Failed) return;
        // The key's field comes first, but its member may have come last.
        var middle = Scratch.Length;
        var clean = Clean(key);
        if (clean.Length == 0) return;
        if (!clean.InScratch) Scratch.Append(Json.Bytes(clean.Start, clean.Length));
        Scratch.Enclose(middle, tag: 1 << 3 | 2);
        Scratch.Swap(mark, middle);
    }

    /// <summary>Appends an <c>AnyValue</c> object as its canonical message: no bytes at all when it is empty.</summary>
    private void AppendAny(int depth)
    {
        var mark = Scratch.Length;
        var value = Any(depth);
        switch (value.Type)
        {
            case AttributeType.Empty:
                break;
            case AttributeType.Bool:
                Scratch.AppendVarintField(2 << 3, (ulong)value.Number);
                break;
            case AttributeType.Int:
                Scratch.AppendVarintField(3 << 3, (ulong)value.Number);
                break;
            case AttributeType.Double:
                Scratch.AppendFixed64Field(4 << 3 | 1, value.Number);
                break;
            default:
                if (!value.Content.InScratch) Scratch.Append(Json.Bytes(value.Content.Start, value.Content.Length));
                // The field numbers of AnyValue are those of AttributeType.
                Scratch.Enclose(mark, (byte)((int)value.Type << 3 | 2));
                break;
        }
    }

    /// <summary>Unescaped, repaired, cut: in the body where nothing had to be done, else at the end of the scratch.</summary>
    private JsonBytes Clean(JsonText text)
    {
        var raw = Json.Bytes(text);
        if (!text.Escaped && (isBodyUtf8 || Utf8Text.IsValid(raw)))
        {
            if (raw.Length <= limits.MaxTextBytes) return new JsonBytes(text.Start, text.Length, InScratch: false);
            report.Count(Cut.TextTooLong);
            return new JsonBytes(text.Start, Utf8Text.Cut(raw, limits.MaxTextBytes).Length, InScratch: false);
        }
        var mark = Scratch.Length;
        var isWhole = Scratch.AppendUnescaped(raw);
        if (!isBodyUtf8 && !Utf8Text.IsValid(Scratch.From(mark)))
        {
            var repaired = Utf8Text.Repair(Scratch.From(mark));
            Scratch.Truncate(mark);
            Scratch.Append(repaired);
            isWhole = false;
        }
        if (!isWhole) report.Count(Cut.InvalidUtf8);
        if (Scratch.Length - mark > limits.MaxTextBytes)
        {
            report.Count(Cut.TextTooLong);
            Scratch.Truncate(mark + Utf8Text.Cut(Scratch.From(mark), limits.MaxTextBytes).Length);
        }
        return new JsonBytes(mark, Scratch.Length - mark, InScratch: true);
    }
}
