// A segment with a page in every encoding that came after the first ones, fixed for ever: its bytes are a frozen sample.
using System.Globalization;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Tests.Segments;

/// <summary>Made so that each column's page takes the encoding it is named after. Nothing here may change: a new version gets a new sample.</summary>
internal static class EncodingSample
{
    private const int Rows = 3_000;
    private static readonly byte[] Units = [0, 1, 2, 3];
    private static readonly long[] Nanos = [1, 100, 1_000, 1_000_000];

    private static readonly (PageEncoding Encoding, AttributeType Type, Func<int, long> Value)[] Attributes =
    [
        (PageEncoding.RunLength, AttributeType.Int, i => i / 9 * 7_919L % 100_003),
        (PageEncoding.PageDictionary, AttributeType.Int, i => (i * 31 % 4) switch { 0 => 443, 1 => 8_080, 2 => 5_432, _ => 61_616 }),
        (PageEncoding.Patched, AttributeType.Int, i => i % 500 == 7 ? 1_000_000_007L * i : i * 13 % 61),
        (PageEncoding.Scaled, AttributeType.Int, i => 1_700_000_000_000_000_000 + (i * 2_654_435_761L % 100_003 * 1_000_000)),
        (PageEncoding.Decimals, AttributeType.Double, i => BitConverter.DoubleToInt64Bits(i == 17 ? double.NaN : i * 37 % 10_007 / 100.0)),
    ];

    public static void Write(IFileSystem fs, string path)
    {
        using var writer = SegmentWriter.Create(fs, path, SampleSegment.Header);
        writer.AddColumn(new ColumnKey(RowSpace.Spans, SegmentColumns.Span.Context));
        writer.AddColumn(new ColumnKey(RowSpace.Spans, SegmentColumns.Span.Start));
        writer.AddColumn(new ColumnKey(RowSpace.Spans, SegmentColumns.Span.EndOffset));
        writer.AddPage(0, Page(Context));
        var units = new byte[Rows];
        for (var i = 0; i < Rows; i++) units[i] = Units[Context(i)];
        writer.AddTimesPage(1, Page(Start), units, PageEncoding.Starts);
        writer.AddTimesPage(2, Page(EndOffset), units, PageEncoding.Durations);
        foreach (var (encoding, type, value) in Attributes)
        {
            var column = writer.AddColumn(new ColumnKey(RowSpace.Spans, SegmentColumns.Attribute, AttributeScope.Span, type, encoding.ToString()));
            writer.AddPage(column, Page(value));
        }
        var texts = writer.AddColumn(new ColumnKey(RowSpace.Spans, SegmentColumns.Attribute, AttributeScope.Span, AttributeType.Text, "texts"));
        using var encoder = new StringsPageEncoder();
        using var page = new Waymark.Model.Bodies.PooledBuffer();
        var (heap, ends) = SampleSegment.Heap([.. Enumerable.Range(0, Rows).Select(Text)]);
        Assert.True(encoder.TryEncode(heap, ends, 0, areDistinct: false, new StringsPageChoices(), page, out var plan));
        writer.AddPage(texts, Rows, plan.Shortest, plan.Longest, PageEncoding.Strings, PageCodec.None, page.WrittenSpan);
        AddDictionary(writer, Words());
        AddDictionary(writer, Paths());
        writer.AddSection(SectionKind.ContextUnits, Units);
        writer.Finish();
    }

    public static void Check(SegmentReader segment)
    {
        Assert.Equal(PageEncoding.Starts, segment.Page(1, 0).Encoding);
        Assert.Equal(PageEncoding.Durations, segment.Page(2, 0).Encoding);
        CheckNumbers(segment, 0, Context);
        CheckNumbers(segment, 1, Start);
        CheckNumbers(segment, 2, EndOffset);
        for (var k = 0; k < Attributes.Length; k++)
        {
            Assert.Equal(Attributes[k].Encoding, segment.Page(3 + k, 0).Encoding);
            CheckNumbers(segment, 3 + k, Attributes[k].Value);
        }
        var strings = segment.ReadBytes(3 + Attributes.Length, 0);
        for (var i = 0; i < Rows; i++) Assert.Equal(Text(i), Encoding.UTF8.GetString(strings[i]));
        CheckDictionary(segment.Dictionary(0), Words());
        CheckDictionary(segment.Dictionary(1), Paths());
    }

    private static void CheckNumbers(SegmentReader segment, int column, Func<int, long> value)
    {
        var into = new long[Rows];
        Assert.Equal(Rows, segment.ReadNumbers(column, 0, into));
        Assert.Equal(Page(value), into);
    }

    private static void CheckDictionary(SegmentDictionary dictionary, string[] wanted) =>
        Assert.Equal(wanted, Enumerable.Range(0, dictionary.Count).Select(code => Encoding.UTF8.GetString(dictionary[code])));

    private static void AddDictionary(SegmentWriter writer, string[] sorted)
    {
        var (heap, ends) = SampleSegment.Heap(sorted);
        writer.AddDictionary(heap, ends);
    }

    private static long Context(int i) => i * 7 % 4;

    private static long Start(int i) => (1_700_000_000_000_000_000 + (i / 8 * 1_234_567_890L) + (i % 8 * 7_654_321L)) / Nanos[Context(i)] * Nanos[Context(i)] + (i == 99 ? 1 : 0);

    private static long EndOffset(int i) => i == 5 ? -1_000_000 : (long)(Math.Pow(1.7, i % 40) * (1_000 + (i * 37L % 997))) / Nanos[Context(i)] * Nanos[Context(i)];

    private static string Text(int i) => (i % 4) switch
    {
        0 => $"{(i * 2_654_435_761L) & 0xFFFFFFFF:x8}-1234-4abc-8def-{i * 40_503L:x12}",
        1 => string.Create(CultureInfo.InvariantCulture, $"GET /orders/{i * 977 % 10_007}/items/{i % 13}"),
        2 => string.Create(CultureInfo.InvariantCulture, $"10.{i % 7}.{i % 251}.{i * 3 % 256}"),
        _ => i % 9 == 0 ? "größe \0 und mehr" : "the same text",
    };

    /// <summary>Words that share beginnings.</summary>
    private static string[] Words() => [.. Enumerable.Range(0, 2_000).Select(i => $"com.example.shop.{(char)('a' + (i % 26))}{(char)('a' + (i / 26 % 26))}{(char)('a' + (i / 676))}.Handler").Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Paths with numbers in them.</summary>
    private static string[] Paths() => [.. Enumerable.Range(0, 2_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"/users/{i * 7_919L % 100_003}/orders/{i * 104_729L % 1_000_003}")).Distinct().Order(StringComparer.Ordinal)];

    private static long[] Page(Func<int, long> value) => [.. Enumerable.Range(0, Rows).Select(value)];
}
