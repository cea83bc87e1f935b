// The shared vocabulary of segment files: keys, descriptions, constants. docs/formats/segment.md is the document behind it.
using Waymark.Model.Spans;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Segments;

/// <summary>What the rows of a column are. Stored on disk: never renumber.</summary>
internal enum RowSpace : byte
{
    Spans = 0,
    Events = 1,
    Links = 2,
    Traces = 3,
}

/// <summary>Which column: a fixed field of a row space, or an attribute by scope, type and key. Unique within a segment.</summary>
internal readonly record struct ColumnKey(
    RowSpace Space, ushort Field, AttributeScope Scope = 0, AttributeType Type = 0, string Name = "");

/// <summary>What a section holds. A reader refuses files with a required section that is not listed here. Stored on disk: never renumber.</summary>
internal enum SectionKind : ushort
{
    /// <summary>The trace index of version 1.0; since then <see cref="CompactTraceIndex"/>. A file has one of them.</summary>
    TraceIndex = 1,

    /// <summary>u32 count, per shape: u32 columns, then u32 column index each.</summary>
    Shapes = 2,

    /// <summary>u32 count, per resource: u32 length and the blob (<see cref="Head.ElementBlob"/>).</summary>
    Resources = 3,

    /// <summary>As <see cref="Resources"/>, for instrumentation scopes.</summary>
    Scopes = 4,

    /// <summary>u32 count, per context: u32 resource, u32 scope.</summary>
    Contexts = 5,

    /// <summary>u32 count, per (service, operation, kind): two texts (u32 length, bytes), u8 kind, u64 spans, i64 newest start.</summary>
    Operations = 6,

    /// <summary>u32 count, 16 big-endian bytes per trace that had a piece in an older segment when this one was sealed.</summary>
    Continuations = 7,

    /// <summary>Per page of span rows: u32 first event row, u32 first link row.</summary>
    PageBases = 8,

    /// <summary>Optional: <see cref="Segments.TraceFilter"/>.</summary>
    TraceFilter = 9,

    /// <summary>Trace id to ordinal, in blocks with a checksum each: <see cref="Segments.TraceIndex"/>.</summary>
    CompactTraceIndex = 10,

    /// <summary>A byte per context: the code of the clock unit (<see cref="ClockUnits"/>) in which pages of times count its rows.</summary>
    ContextUnits = 11,
}

/// <summary>Who wrote a segment, and for whom.</summary>
internal sealed record SegmentHeader(ulong SegmentId, Guid StoreId, uint Tenant, UnixNanos CreatedAt);

/// <summary>One column as the directory describes it. <see cref="Dictionary"/> is −1 where values aren't codes.</summary>
internal sealed record ColumnInfo(int Index, ColumnKey Key, int Dictionary, int PageCount, long Values);

/// <summary>
/// One page as the directory describes it. <see cref="Min"/> and <see cref="Max"/> are exact for numbers, the shortest and longest length for
/// byte strings, and 0 for an empty page.
/// </summary>
internal readonly record struct PageInfo(int Count, long Min, long Max, PageEncoding Encoding, int Bytes, long Offset, uint Crc, PageCodec Codec = PageCodec.None);

/// <summary>Sizes and marks of segment files.</summary>
internal static class SegmentFormat
{
    public const ushort Major = 1;
    public const ushort Minor = 1;

    /// <summary>0.1.0 as major · 1,000,000 + minor · 1,000 + patch: only told, never decided upon.</summary>
    public const uint WriterVersion = 1_000;

    public const int HeaderBytes = 64;
    public const int FooterBytes = 64;
    public const int SectionBytes = 29;

    /// <summary>Rows of a page: the unit of checksums, zone maps and decoding.</summary>
    public const int PageRows = 8_192;

    /// <summary>Pages of a chunk: 65,536 rows, a row group.</summary>
    public const int ChunkPages = 8;

    /// <summary>Chunks start at a multiple of this, a cache line.</summary>
    public const int Alignment = 64;

    /// <summary>A dictionary block holds at most this many bytes, unless one entry alone needs more.</summary>
    public const int DictionaryBlockBytes = 64 * 1024;

    /// <summary>Columns of a segment, far above what attribute limits allow. Beyond it the writer throws and a reader takes the file for corrupt.</summary>
    public const int MaxColumns = 65_536;

    public static ReadOnlySpan<byte> HeaderMagic => "WAYMSEG\n"u8;
    public static ReadOnlySpan<byte> FooterMagic => "WAYMEND\n"u8;
}
