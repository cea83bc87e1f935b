// A small segment with every kind of thing in it, fixed for ever: its bytes are the frozen sample of each version.
using System.Text;
using Waymark.Model.Spans;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Tests.Segments;

/// <summary>Writes the sample and checks a reader's answers against it. Changing what it holds needs a new version of the format, and a new sample beside this one.</summary>
internal static class SampleSegment
{
    public const int Services = 0;
    public const int Times = 1;
    public const int Kinds = 2;
    public const int Parents = 3;
    public const int Everything = 4;
    public const int Sparse = 5;
    public const int Bodies = 6;
    public const int None = 7;

    public static readonly SegmentHeader Header = new(0x0123456789ABCDEF, new Guid("00112233-4455-6677-8899-aabbccddeeff"), 7, new UnixNanos(1_700_000_000_123_456_789));

    public static readonly string[] ServiceNames = ["", "cart", "checkout", "frontend", "größe"];

    public static readonly TraceId[] Traces = [new(0, 1), new(0, 2), new(0x0123456789ABCDEF, 0xFEDCBA9876543210), new(ulong.MaxValue, ulong.MaxValue)];

    /// <summary>The pages of each column of numbers, as they must come back.</summary>
    public static readonly long[][][] Numbers =
    [
        [Page(8_192, i => i % 5), Page(100, i => i % 3)],
        [Page(1_500, i => 1_700_000_000_000_000_000 + (i * 3_000_001L)), Page(600, i => 1_800_000_000_000_000_000 - (i * 40_000_000_000L))],
        [Page(8_192, _ => 3), Page(100, _ => -4)],
        [Page(2_048, i => i * 2_654_435_761L % 2_039), Page(10, i => i * 100)],
        [[long.MinValue, -1, 0, 1, long.MaxValue]],
        [[], [5, 6], [], []],
    ];

    public static readonly string[][] Texts = [["", "a", "SELECT 1", "größe"], [], ["x"]];

    public static void Write(IFileSystem fs, string path)
    {
        using var writer = SegmentWriter.Create(fs, path, Header);
        writer.AddColumn(new ColumnKey(RowSpace.Spans, 1), dictionary: 0);
        writer.AddColumn(new ColumnKey(RowSpace.Spans, 2));
        writer.AddColumn(new ColumnKey(RowSpace.Spans, 3));
        writer.AddColumn(new ColumnKey(RowSpace.Spans, 65_535));
        writer.AddColumn(new ColumnKey(RowSpace.Events, 1_000, AttributeScope.Event, AttributeType.Int, "größe"));
        writer.AddColumn(new ColumnKey(RowSpace.Links, 1_000, AttributeScope.Link, AttributeType.Int, "größe"));
        writer.AddColumn(new ColumnKey(RowSpace.Traces, 1_000, AttributeScope.Span, AttributeType.Bytes, "größe"));
        writer.AddColumn(new ColumnKey(RowSpace.Traces, 9));
        for (var page = 0; page < 4; page++)
        {
            for (var column = 0; column < Numbers.Length; column++)
            {
                if (page < Numbers[column].Length) writer.AddPage(column, Numbers[column][page]);
            }
            if (page < Texts.Length) AddTexts(writer, Texts[page]);
        }
        var (heap, ends) = Heap(ServiceNames);
        writer.AddDictionary(heap, ends);
        writer.AddSection(SectionKind.TraceIndex, WholeTraceIndexWriter.Build(Traces));
        writer.AddSection((SectionKind)60_000, "from the future"u8, optional: true);
        writer.Finish();
    }

    /// <summary>Reads everything there is, comparing. Throws what the reader throws.</summary>
    public static void Check(SegmentReader segment)
    {
        Assert.Equal(Header, segment.Header);
        Assert.Equal(8, segment.Columns.Count);
        Assert.Equal(new ColumnInfo(Services, new ColumnKey(RowSpace.Spans, 1), 0, 2, 8_292), segment.Columns[Services]);
        Assert.Equal(new ColumnInfo(Bodies, new ColumnKey(RowSpace.Traces, 1_000, AttributeScope.Span, AttributeType.Bytes, "größe"), -1, 3, 5), segment.Columns[Bodies]);
        Assert.Equal(new ColumnInfo(None, new ColumnKey(RowSpace.Traces, 9), -1, 0, 0), segment.Columns[None]);
        Assert.Equal(Sparse, segment.FindColumn(new ColumnKey(RowSpace.Links, 1_000, AttributeScope.Link, AttributeType.Int, "größe")));
        Assert.Equal(-1, segment.FindColumn(new ColumnKey(RowSpace.Links, 1_000, AttributeScope.Link, AttributeType.Text, "größe")));
        var into = new long[SegmentFormat.PageRows];
        for (var column = 0; column < Numbers.Length; column++)
        {
            Assert.Equal(Numbers[column].Length, segment.Columns[column].PageCount);
            for (var page = 0; page < Numbers[column].Length; page++)
            {
                var wanted = Numbers[column][page];
                var info = segment.Page(column, page);
                Assert.Equal((wanted.Length, wanted.DefaultIfEmpty().Min(), wanted.DefaultIfEmpty().Max()), (info.Count, info.Min, info.Max));
                Assert.Equal(wanted.Length, segment.ReadNumbers(column, page, into));
                Assert.True(into.AsSpan(0, wanted.Length).SequenceEqual(wanted));
            }
        }
        for (var page = 0; page < Texts.Length; page++)
        {
            var strings = segment.ReadBytes(Bodies, page);
            Assert.Equal(Texts[page], Enumerable.Range(0, strings.Count).Select(i => Encoding.UTF8.GetString(strings[i])));
        }
        var services = segment.Dictionary(0);
        Assert.Equal(ServiceNames, Enumerable.Range(0, services.Count).Select(code => Encoding.UTF8.GetString(services[code])));
        var section = segment.ReadSection(SectionKind.TraceIndex);
        Assert.NotNull(section);
        using var block = new IndexBlock();
        Span<int> found = stackalloc int[2];
        for (var i = 0; i < Traces.Length; i++)
        {
            Assert.Equal(1, new WholeTraceIndex(section, "index").Find(Traces[i], found, block));
            Assert.Equal(i, found[0]);
        }
    }

    public static void AddTexts(SegmentWriter writer, string[] texts, int column = Bodies)
    {
        var (heap, ends) = Heap(texts);
        writer.AddPage(column, heap, ends);
    }

    public static (byte[] Heap, int[] Ends) Heap(string[] texts)
    {
        var heap = Encoding.UTF8.GetBytes(string.Concat(texts));
        var ends = new int[texts.Length];
        for (var i = 0; i < texts.Length; i++) ends[i] = (i == 0 ? 0 : ends[i - 1]) + Encoding.UTF8.GetByteCount(texts[i]);
        return (heap, ends);
    }

    private static long[] Page(int count, Func<int, long> value) => [.. Enumerable.Range(0, count).Select(value)];
}
