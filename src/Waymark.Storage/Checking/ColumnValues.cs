// What the values of a column are: how many different ones, the least and the greatest, as people read them.
using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Checking;

/// <summary>Takes pages of one column one by one.</summary>
internal sealed class ColumnValues(SegmentReader reader, ColumnInfo column)
{
    /// <summary>Different values counted; beyond, it only says that there are more.</summary>
    public const int MaxDistinct = 65_536;

    private const int MaxTextBytes = 32;

    private readonly HashSet<ulong> distinct = [];
    private long min = long.MaxValue;
    private long max = long.MinValue;
    private ulong minId = ulong.MaxValue;
    private ulong maxId;
    private double minDouble = double.PositiveInfinity;
    private double maxDouble = double.NegativeInfinity;
    private bool isCapped;
    private bool isEmpty = true;

    public InspectedValue Distinct => isCapped ? $">{MaxDistinct}" : (long)distinct.Count;

    public void Add(int page)
    {
        var info = reader.Page(column.Index, page);
        if (info.Count == 0) return;
        if (SegmentCheck.HoldsStrings(column)) AddStrings(page);
        else AddNumbers(page, info.Count);
        isEmpty = false;
    }

    /// <summary>Least and greatest value; empty texts when there is none.</summary>
    public (string Min, string Max) Bounds()
    {
        if (isEmpty) return ("", "");
        if (SegmentCheck.HoldsStrings(column)) return (string.Create(CultureInfo.InvariantCulture, $"{min} bytes"), string.Create(CultureInfo.InvariantCulture, $"{max} bytes"));
        if (IsId(column.Key)) return (minId.ToString("x16", CultureInfo.InvariantCulture), maxId.ToString("x16", CultureInfo.InvariantCulture));
        return column.Key is { Field: SegmentColumns.Attribute, Type: AttributeType.Double } ? (Double(minDouble), Double(maxDouble)) : (Describe(min), Describe(max));
    }

    /// <summary>Ids, or halves of them: hexadecimal, and without a sign.</summary>
    private static bool IsId(in ColumnKey key) => key is { Space: RowSpace.Spans, Field: SegmentColumns.Span.Id or SegmentColumns.Span.ParentId }
        or { Space: RowSpace.Traces, Field: SegmentColumns.Trace.IdHigh or SegmentColumns.Trace.IdLow }
        or { Space: RowSpace.Links, Field: SegmentColumns.Link.TraceHigh or SegmentColumns.Link.TraceLow or SegmentColumns.Link.SpanId };

    private static string Double(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private void AddStrings(int page)
    {
        var strings = reader.ReadBytes(column.Index, page);
        for (var i = 0; i < strings.Count; i++)
        {
            var text = strings[i];
            (min, max) = (Math.Min(min, text.Length), Math.Max(max, text.Length));
            Count(XxHash3.HashToUInt64(text));
        }
    }

    private void AddNumbers(int page, int count)
    {
        var rented = ArrayPool<long>.Shared.Rent(count);
        try
        {
            foreach (var value in rented.AsSpan(0, reader.ReadNumbers(column.Index, page, rented)))
            {
                (min, max) = (Math.Min(min, value), Math.Max(max, value));
                (minId, maxId) = (Math.Min(minId, (ulong)value), Math.Max(maxId, (ulong)value));
                var number = BitConverter.Int64BitsToDouble(value);
                if (number < minDouble) minDouble = number;
                if (number > maxDouble) maxDouble = number;
                Count((ulong)value);
            }
        }
        finally
        {
            ArrayPool<long>.Shared.Return(rented);
        }
    }

    private void Count(ulong value)
    {
        if (isCapped) return;
        distinct.Add(value);
        isCapped = distinct.Count > MaxDistinct;
    }

    private string Describe(long value)
    {
        if (column.Dictionary >= 0)
        {
            var code = SegmentCheck.IsCodePlusOne(column.Key) ? value - 1 : value;
            return code < 0 ? "none" : Text(reader.Dictionary(column.Dictionary)[(int)code]);
        }
        return column.Key switch
        {
            { Space: RowSpace.Spans, Field: SegmentColumns.Span.Start } or { Space: RowSpace.Traces, Field: SegmentColumns.Trace.Start or SegmentColumns.Trace.End or SegmentColumns.Trace.FirstReceived } => FileInspection.Time(new UnixNanos(Math.Max(0, value))),
            { Space: RowSpace.Spans, Field: SegmentColumns.Span.EndOffset } or { Space: RowSpace.Events, Field: SegmentColumns.Event.TimeOffset } => string.Create(CultureInfo.InvariantCulture, $"{value} ns"),
            { Field: SegmentColumns.Attribute, Type: AttributeType.Bool } => value == 0 ? "false" : "true",
            _ => value.ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>The start of a text, on one line.</summary>
    private static string Text(ReadOnlySpan<byte> text)
    {
        var isCut = text.Length > MaxTextBytes;
        return Encoding.UTF8.GetString(isCut ? text[..MaxTextBytes] : text).TrimEnd('\uFFFD') + (isCut ? "…" : "");
    }
}
