// The logical content of a segment: which column and section means what (docs/formats/segment.md, last part).
namespace Waymark.Storage.Segments;

/// <summary>Field numbers of <see cref="ColumnKey"/>. Stored on disk: never renumber.</summary>
internal static class SegmentColumns
{
    /// <summary>Attribute columns: dense, one value per occurrence in a row's shape.</summary>
    public const ushort Attribute = 1000;

    /// <summary>Overflow columns: <see cref="Head.OverflowValue"/> byte strings.</summary>
    public const ushort OverflowAttribute = 1001;

    public static class Span
    {
        public const ushort Id = 1;

        /// <summary>0: names no parent; 1: the parent's id is in <see cref="ParentId"/>; n ≥ 2: the parent is n − 1 rows back.</summary>
        public const ushort ParentLink = 2;

        /// <summary>Dense: one value per row whose link is 1.</summary>
        public const ushort ParentId = 3;
        public const ushort Start = 4;

        /// <summary>End − start, which may be negative.</summary>
        public const ushort EndOffset = 5;
        public const ushort Name = 6;
        public const ushort Kind = 7;
        public const ushort Status = 8;

        /// <summary>Code + 1; 0: none.</summary>
        public const ushort StatusMessage = 9;

        /// <summary>Code + 1; 0: none.</summary>
        public const ushort TraceState = 10;
        public const ushort Flags = 11;
        public const ushort DroppedAttributes = 12;
        public const ushort DroppedEvents = 13;
        public const ushort DroppedLinks = 14;
        public const ushort Context = 15;
        public const ushort Shape = 16;
        public const ushort EventCount = 17;
        public const ushort LinkCount = 18;
        public const ushort Marks = 19;
    }

    public static class Event
    {
        /// <summary>Time − start of the span.</summary>
        public const ushort TimeOffset = 1;
        public const ushort Name = 2;
        public const ushort DroppedAttributes = 3;
        public const ushort Shape = 4;
    }

    public static class Link
    {
        public const ushort TraceHigh = 1;
        public const ushort TraceLow = 2;
        public const ushort SpanId = 3;

        /// <summary>Code + 1; 0: none.</summary>
        public const ushort TraceState = 4;
        public const ushort Flags = 5;
        public const ushort DroppedAttributes = 6;
        public const ushort Shape = 7;
    }

    public static class Trace
    {
        public const ushort IdHigh = 1;
        public const ushort IdLow = 2;
        public const ushort FirstRow = 3;
        public const ushort Start = 4;
        public const ushort End = 5;
        public const ushort FirstReceived = 6;

        /// <summary>Code in the dictionary of span names + 1; 0 when no span of the piece is a root.</summary>
        public const ushort RootName = 7;
        public const ushort RootContext = 8;
        public const ushort Errors = 9;
        public const ushort Duplicates = 10;

        /// <summary>1: has orphans or cut cycles.</summary>
        public const ushort Flags = 11;
    }
}
