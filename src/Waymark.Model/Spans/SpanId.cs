// The 64-bit identity of a span within its trace, as W3C Trace Context and OTLP define it.
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Waymark.Model.Spans;

/// <summary>An 8-byte span id. Zero means "none" (a root's parent).</summary>
public readonly record struct SpanId(ulong Value) : IComparable<SpanId>
{
    public const int Bytes = 8;

    public bool IsZero => Value == 0;

    /// <summary>Reads 8 big-endian bytes; the caller has checked the length.</summary>
    public static SpanId Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes));

    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt64BigEndian(destination, Value);

    /// <summary>Parses exactly 16 hex digits of either case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SpanId id)
    {
        id = default;
        if (text is not { Length: 16 } || !ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return false;
        id = new SpanId(value);
        return true;
    }

    public int CompareTo(SpanId other) => Value.CompareTo(other.Value);

    /// <summary>16 lower-case hex digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);

    public static bool operator <(SpanId left, SpanId right) => left.Value < right.Value;
    public static bool operator <=(SpanId left, SpanId right) => left.Value <= right.Value;
    public static bool operator >(SpanId left, SpanId right) => left.Value > right.Value;
    public static bool operator >=(SpanId left, SpanId right) => left.Value >= right.Value;
}
