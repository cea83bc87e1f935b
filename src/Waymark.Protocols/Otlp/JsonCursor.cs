// Reads JSON tokens straight from a request body: the lexer under the OTLP JSON decoder.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Waymark.Model.Limits;

namespace Waymark.Protocols.Otlp;

/// <summary>What the next value is, judged by its first byte.</summary>
internal enum JsonKind : byte
{
    /// <summary>Not the first byte of any value; this and the next are no values.</summary>
    Invalid,
    End,
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

/// <summary>A string as it stands between its quotes in the body: not yet unescaped, not yet known to be valid UTF-8.</summary>
internal readonly record struct JsonText(int Start, int Length, bool Escaped);

/// <summary>
/// A forward cursor over one JSON document (RFC 8259). It never throws: the first error is kept in <see cref="Error"/> and moves the cursor to the end,
/// so that every loop over members or elements stops by itself. It keeps no account of nesting: its user knows which object or array it is in.
/// </summary>
internal ref struct JsonCursor(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> body = body;
    private int at;

    public Malformed Error { get; private set; }
    public int ErrorAt { get; private set; }

    public readonly bool Failed => Error != Malformed.None;

    /// <summary>Byte offset of what is read next.</summary>
    public readonly int At => at;

    public readonly ReadOnlySpan<byte> Bytes(int start, int length) => body.Slice(start, length);

    public readonly ReadOnlySpan<byte> Bytes(JsonText text) => body.Slice(text.Start, text.Length);

    public void Fail(Malformed error, int position)
    {
        if (Failed) return;
        Error = error;
        ErrorAt = position;
        at = body.Length;
    }

    /// <summary>A copy that stands at <paramref name="position"/>, an offset at which this cursor has stood in the same object or array.</summary>
    public readonly JsonCursor MovedTo(int position)
    {
        var moved = this;
        moved.at = position;
        return moved;
    }

    /// <summary>Passes over white space and says what follows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public JsonKind Peek()
    {
        SkipWhiteSpace();
        return (uint)at < (uint)body.Length ? KindOf(body[at]) : JsonKind.End;
    }

    private static JsonKind KindOf(byte first) => first switch
    {
        (byte)'"' => JsonKind.String,
        (byte)'{' => JsonKind.Object,
        (byte)'[' => JsonKind.Array,
        (byte)'t' => JsonKind.True,
        (byte)'f' => JsonKind.False,
        (byte)'n' => JsonKind.Null,
        (byte)'-' or (>= (byte)'0' and <= (byte)'9') => JsonKind.Number,
        _ => JsonKind.Invalid,
    };

    /// <summary>The value at hand is of another type than the field has: the error is about that, or about there being no value.</summary>
    public void FailType()
    {
        var kind = Peek();
        Fail(kind == JsonKind.End ? Malformed.Truncated : kind == JsonKind.Invalid ? Malformed.BadJson : Malformed.WrongJsonType, at);
    }

    public bool BeginObject() => Begin(JsonKind.Object);

    public bool BeginArray() => Begin(JsonKind.Array);

    /// <summary>Reads the next member's name and its colon; false at the end of the object (then closed) or on an error.</summary>
    /// <param name="first">True before the first member; kept by this method.</param>
    public bool NextMember(ref bool first, out JsonText name)
    {
        name = default;
        if (!NextItem(ref first, (byte)'}')) return false;
        return MemberName(out name);
    }

    /// <summary>True when an element follows; false at the end of the array (then closed) or on an error.</summary>
    public bool NextElement(ref bool first) => NextItem(ref first, (byte)']');

    /// <summary>Takes a <c>null</c> if one is next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNull()
    {
        SkipWhiteSpace();
        return (uint)at < (uint)body.Length && body[at] == (byte)'n' && TakeNull();
    }

    private bool TakeNull()
    {
        Literal("null"u8);
        return !Failed;
    }

    /// <summary>Takes <c>true</c> or <c>false</c>; the caller has peeked.</summary>
    public bool Bool()
    {
        var isTrue = body[at] == (byte)'t';
        Literal(isTrue ? "true"u8 : "false"u8);
        return isTrue;
    }

    /// <summary>Takes a string; the syntax of its escapes is checked. Any other value is <see cref="Malformed.WrongJsonType"/>.</summary>
    public JsonText String()
    {
        SkipWhiteSpace();
        if ((uint)at >= (uint)body.Length || body[at] != (byte)'"')
        {
            FailType();
            return default;
        }
        var start = at + 1;
        var stop = PlainLength(body[start..]);
        if (stop >= 0 && body[start + stop] == (byte)'"')
        {
            at = start + stop + 1;
            return new JsonText(start, stop, Escaped: false);
        }
        return EscapedString(start, stop);
    }

    /// <summary>Takes a number and returns its characters. Any other value is <see cref="Malformed.WrongJsonType"/>.</summary>
    public ReadOnlySpan<byte> Number()
    {
        if (Peek() != JsonKind.Number)
        {
            FailType();
            return default;
        }
        var length = JsonNumbers.Scan(body[at..]);
        if (length == 0)
        {
            Fail(Malformed.BadJson, at);
            return default;
        }
        var number = body.Slice(at, length);
        at += length;
        return number;
    }

    /// <summary>Passes over one value of any type, however deeply nested, checking its syntax, without recursion: the open brackets take one bit each.</summary>
    public void Skip()
    {
        if (!SkipScalar()) SkipNested();
    }

    private void SkipNested()
    {
        using var isObject = new JsonBitStack(stackalloc ulong[8]);
        do
        {
            var kind = Peek();
            var first = kind is JsonKind.Object or JsonKind.Array;
            if (first)
            {
                isObject.Push(kind == JsonKind.Object);
                at++;
            }
            else
            {
                SkipScalar();
            }
            while (!(isObject.Top ? NextMember(ref first, out _) : NextElement(ref first)))
            {
                isObject.Pop();
                if (isObject.IsEmpty || Failed) return;
                first = false;
            }
        }
        while (!Failed);
    }

    /// <summary>
    /// Passes over one value by counting brackets outside strings only: several times faster than <see cref="Skip"/>, for what will be read in full later.
    /// On valid JSON it stops where <see cref="Skip"/> does.
    /// </summary>
    public void SkipBalanced()
    {
        if (SkipScalar() || Failed) return;
        var end = JsonBrackets.FindEnd(body[at..]);
        if (end < 0) Fail(Malformed.Truncated, body.Length);
        else at += end;
    }

    /// <summary>After the document: only white space may follow.</summary>
    public void ExpectEnd()
    {
        if (Peek() != JsonKind.End) Fail(Malformed.BadJson, at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipWhiteSpace()
    {
        if ((uint)at < (uint)body.Length && body[at] <= (byte)' ') SkipLongWhiteSpace();
    }

    private void SkipLongWhiteSpace()
    {
        while (at < body.Length && body[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') at++;
    }

    /// <summary>Length of the run of plain characters at the start: up to a quote, an escape, or a control character, which must not occur; −1 when nothing ends it.</summary>
    private static int PlainLength(ReadOnlySpan<byte> text)
    {
        var i = 0;
        for (; i + Vector128<byte>.Count <= text.Length; i += Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(text.Slice(i, Vector128<byte>.Count));
            var stops = Vector128.Equals(bytes, Vector128.Create((byte)'"')) | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
                | Vector128.LessThan(bytes, Vector128.Create((byte)' '));
            if (stops != Vector128<byte>.Zero) return i + BitOperations.TrailingZeroCount(stops.ExtractMostSignificantBits());
        }
        for (; i < text.Length; i++)
        {
            if (text[i] is (byte)'"' or (byte)'\\' or < (byte)' ') return i;
        }
        return -1;
    }

    private bool SkipScalar()
    {
        switch (Peek())
        {
            case JsonKind.String: String(); return true;
            case JsonKind.Number: Number(); return true;
            case JsonKind.True: Literal("true"u8); return true;
            case JsonKind.False: Literal("false"u8); return true;
            case JsonKind.Null: Literal("null"u8); return true;
            case JsonKind.Object or JsonKind.Array: return false;
            default: FailType(); return true;
        }
    }

    private bool Begin(JsonKind kind)
    {
        var bracket = kind == JsonKind.Object ? (byte)'{' : (byte)'[';
        SkipWhiteSpace();
        if ((uint)at >= (uint)body.Length || body[at] != bracket)
        {
            FailType();
            return false;
        }
        at++;
        return true;
    }

    private bool NextItem(ref bool first, byte close)
    {
        SkipWhiteSpace();
        if (at >= body.Length)
        {
            Fail(Malformed.Truncated, at);
            return false;
        }
        if (body[at] == close)
        {
            at++;
            return false;
        }
        if (!first)
        {
            if (body[at] != (byte)',')
            {
                Fail(Malformed.BadJson, at);
                return false;
            }
            at++;
        }
        first = false;
        var kind = Peek();
        if (kind > JsonKind.End) return true;
        Fail(kind == JsonKind.End ? Malformed.Truncated : Malformed.BadJson, at);
        return false;
    }

    private bool MemberName(out JsonText name)
    {
        name = default;
        if (body[at] != (byte)'"')
        {
            Fail(Malformed.BadJson, at);
            return false;
        }
        name = String();
        SkipWhiteSpace();
        if (at < body.Length && body[at] == (byte)':')
        {
            at++;
            return true;
        }
        Fail(at >= body.Length ? Malformed.Truncated : Malformed.BadJson, at);
        return false;
    }

    private void Literal(ReadOnlySpan<byte> word)
    {
        var rest = body[at..];
        if (rest.StartsWith(word)) at += word.Length;
        else Fail(rest.Length < word.Length && word.StartsWith(rest) ? Malformed.Truncated : Malformed.BadJson, at);
    }

    private JsonText EscapedString(int start, int stop)
    {
        var next = start;
        while (stop >= 0)
        {
            next += stop;
            if (body[next] == (byte)'"')
            {
                at = next + 1;
                return new JsonText(start, next - start, Escaped: true);
            }
            var escape = body[next] == (byte)'\\' ? EscapeLength(body[next..]) : 0;
            if (escape <= 0)
            {
                Fail(escape < 0 ? Malformed.Truncated : Malformed.BadJson, next);
                return default;
            }
            next += escape;
            stop = PlainLength(body[next..]);
        }
        Fail(Malformed.Truncated, body.Length);
        return default;
    }

    /// <summary>Bytes of the escape at the start; 0 when it is not one, −1 when the body ends in it.</summary>
    private static int EscapeLength(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2) return -1;
        if (bytes[1] != (byte)'u') return "\"\\/bfnrt"u8.Contains(bytes[1]) ? 2 : 0;
        for (var i = 2; i < 6; i++)
        {
            if (i == bytes.Length) return -1;
            if (!char.IsAsciiHexDigit((char)bytes[i])) return 0;
        }
        return 6;
    }
}
