// Why something was not taken as sent. Each member has one row in the answer table (Ingest/Admission); a test fails if one lacks it.
using System.Runtime.CompilerServices;

namespace Waymark.Model.Limits;

/// <summary>Why a span was left out of an otherwise good request.</summary>
public enum Reject : byte
{
    TraceIdLength,
    TraceIdZero,
    SpanIdLength,
    SpanIdZero,
    ParentSpanIdLength,

    /// <summary>Start or end after 2262-04-11 (2^63 − 1 ns), which no answer could hold.</summary>
    TimeOutOfRange,

    /// <summary>A link's trace id is neither 0 nor 16 bytes, or its span id neither 0 nor 8.</summary>
    LinkIdLength,
}

/// <summary>What was shortened in an accepted span.</summary>
public enum Cut : byte
{
    /// <summary>A value or other text longer than <see cref="SpanLimits.MaxTextBytes"/>.</summary>
    TextTooLong,

    /// <summary>Attributes beyond <see cref="SpanLimits.MaxAttributes"/>.</summary>
    TooManyAttributes,

    /// <summary>A value nested deeper than <see cref="SpanLimits.MaxNesting"/>.</summary>
    NestingTooDeep,

    /// <summary>Invalid UTF-8 replaced by U+FFFD.</summary>
    InvalidUtf8,

    /// <summary>A kind or status number that OTLP does not define, stored as unspecified or unset.</summary>
    UnknownEnum,
}

/// <summary>Why a whole request body could not be read. The position is a byte offset into the decompressed body.</summary>
public enum Malformed : byte
{
    None,
    Truncated,
    BadVarint,
    BadTag,
    BadLength,
    UnbalancedGroup,
    TooDeep,
    BadJson,
    WrongJsonType,
    BadJsonNumber,
    BadHex,
    BadBase64,
}

/// <summary>What one request came to: accepted spans, and how many of what was rejected or cut.</summary>
public struct DecodeReport
{
    public int Accepted;
    public RejectCounts Rejected;
    public CutCounts Cuts;
    public Malformed Malformed;

    /// <summary>Byte offset in the decompressed body at which <see cref="Malformed"/> was found.</summary>
    public int MalformedAt;

    public readonly bool IsMalformed => Malformed != Malformed.None;

    /// <summary>True when every span was taken exactly as sent, so that the body itself may be logged. (Replaced UTF-8 and unknown enums do not count: replay does the same to them.)</summary>
    public readonly bool IsUnchanged
    {
        get
        {
            var cuts = Cuts;
            return RejectedTotal == 0 && cuts[(int)Cut.TextTooLong] + cuts[(int)Cut.TooManyAttributes] + cuts[(int)Cut.NestingTooDeep] == 0;
        }
    }

    public readonly long RejectedTotal
    {
        get
        {
            long total = 0;
            foreach (var count in Rejected) total += count;
            return total;
        }
    }

    public readonly long CutTotal
    {
        get
        {
            long total = 0;
            foreach (var count in Cuts) total += count;
            return total;
        }
    }

    public void Count(Reject reason) => Rejected[(int)reason]++;

    public void Count(Cut what) => Cuts[(int)what]++;
}

/// <summary>A count per <see cref="Limits.Reject"/>.</summary>
[InlineArray(7)]
public struct RejectCounts
{
    private int first;
}

/// <summary>A count per <see cref="Limits.Cut"/>.</summary>
[InlineArray(5)]
public struct CutCounts
{
    private int first;
}
