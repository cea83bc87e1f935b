// The 128-bit identity of a trace, as W3C Trace Context and OTLP define it.
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Waymark.Model.Spans;

/// <summary>A 16-byte trace id. Ordering and text form are those of its big-endian bytes; zero is not a valid id on the wire.</summary>
public readonly record struct TraceId(ulong High, ulong Low) : IComparable<TraceId>
{
    public const int Bytes = 16;

    public bool IsZero => (High | Low) == 0;

    /// <summary>Reads 16 big-endian bytes; the caller has checked the length.</summary>
    public static TraceId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    /// <summary>Parses 1 to 32 hex digits of either case; fewer than 32 are padded with zeros on the left, as 64-bit tracers write them.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TraceId id)
    {
        id = default;
        if (string.IsNullOrEmpty(text) || text.Length > 32) return false;
        var split = Math.Max(0, text.Length - 16);
        ulong high = 0;
        if (split > 0 && !ulong.TryParse(text.AsSpan(0, split), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out high)) return false;
        if (!ulong.TryParse(text.AsSpan(split), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)) return false;
        id = new TraceId(high, low);
        return true;
    }

    public int CompareTo(TraceId other)
    {
        var high = High.CompareTo(other.High);
        return high != 0 ? high : Low.CompareTo(other.Low);
    }

    /// <summary>Seeded per process: ids come from outside, and nobody may choose some that collide.</summary>
    public override int GetHashCode() => HashCode.Combine(High, Low);

    /// <summary>32 lower-case hex digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");

    public static bool operator <(TraceId left, TraceId right) => left.CompareTo(right) < 0;
    public static bool operator <=(TraceId left, TraceId right) => left.CompareTo(right) <= 0;
    public static bool operator >(TraceId left, TraceId right) => left.CompareTo(right) > 0;
    public static bool operator >=(TraceId left, TraceId right) => left.CompareTo(right) >= 0;
}
