// What a query's place in a segment does with pages that need others to be read, when those make no sense.
using Waymark.Model.Bodies;
using Waymark.Model.Stores;
using Waymark.Storage.Catalog;
using Waymark.Storage.Columns;
using Waymark.Storage.Scanning;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Checking;
using Waymark.Storage.Tests.Faults;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;
using Span = Waymark.Storage.Segments.SegmentColumns.Span;

namespace Waymark.Storage.Tests.Scanning;

public sealed class SegmentCursorTests
{
    [Fact]
    public async Task Contexts_that_are_counted_as_times_are_corrupt_and_not_read_for_ever()
    {
        var disk = new FaultFileSystem();
        await using (var store = await StoreClient.OpenAsync(disk, StoreClient.Options()))
        {
            await store.WriteAsync(SentRequest.Protobuf("", new RandomSpans(3) { Oddity = 0 }.Traces(40)).Request, CancellationToken.None);
        }
        var copy = new SegmentCopy(disk, disk.List("/data/segments")[0]);
        using var page = new PooledBuffer();
        var contexts = copy.Pages(RowSpace.Spans, Span.Context)[0];
        Assert.True(TimePage.TryEncodeStarts(contexts, new byte[contexts.Length], int.MaxValue, page));
        copy.Encoded[(RowSpace.Spans, Span.Context)] = (PageEncoding.Starts, page.WrittenSpan.ToArray());
        copy.Write(disk, "/data/planted.wmseg");

        using var reader = SegmentReader.Open(disk, "/data/planted.wmseg");
        var entry = new SegmentEntry(reader.Header.SegmentId, reader.FileBytes, contexts.Length, copy.Pages(RowSpace.Traces, SegmentColumns.Trace.IdHigh)[0].Length, default, default, default, default, 0);
        using var segment = OpenSegment.Open(disk, "/data/planted.wmseg", reader.Header.StoreId, entry);
        using var cursor = new SegmentCursor(segment);
        Assert.Throws<CorruptFileException>(() => cursor.SpanPage(Span.Context, 0).ToArray());
        Assert.Throws<CorruptFileException>(() => reader.ReadNumbers(segment.Columns.Span(Span.Context), 0, new long[contexts.Length]));
    }

    [Fact]
    public async Task Filters_of_a_column_know_its_pages_and_leave_out_none_that_is_damaged()
    {
        var disk = new FaultFileSystem();
        await using (var store = await StoreClient.OpenAsync(disk, StoreClient.Options()))
        {
            var number = 0;
            var spans = new RandomSpans(8) { Oddity = 0 }.Traces(2_000).Select(s => s with { Attributes = [NaiveAttribute.Text("id", $"{number++:x8}-{number:x8}-{number}")] });
            foreach (var part in spans.Chunk(2_000)) await store.WriteAsync(SentRequest.Protobuf("", [.. part]).Request, CancellationToken.None);
        }
        var path = disk.List("/data/segments")[0];
        using (var segment = Open(disk, path))
        {
            var column = Assert.Single(segment.SpanColumnsOf("id"));
            Assert.True(column.Dictionary < 0 && column.PageCount > 1);
            Assert.Empty(segment.SpanColumnsOf("no such key"));
            using var cursor = new SegmentCursor(segment);
            Assert.False(segment.Pages.HasFilter(column.Index));
            var filter = segment.Pages.FilterOf(column.Index)!;
            Assert.Same(filter, segment.Pages.FilterOf(column.Index));
            var found = new ulong[(column.PageCount + 63) / 64];
            for (var page = 0; page < column.PageCount; page++)
            {
                for (var k = 0; k < cursor.Info(column.Index, page).Count; k += 97)
                {
                    filter.Find(TextFilter.HashOf(cursor.Text(column.Index, page, k)), found);
                    Assert.True((found[0] >> page & 1) != 0);
                }
            }
            filter.Find(TextFilter.HashOf("not a text of this column"u8), found);
            Assert.Equal(0UL, found[0]);
            disk.Disk.Corrupt(path, (int)segment.Reader.Page(column.Index, 1).Offset, 4);
        }
        using (var damaged = Open(disk, path))
        {
            var column = damaged.SpanColumnsOf("id")[0];
            var found = new ulong[1];
            damaged.Pages.FilterOf(column.Index)!.Find(TextFilter.HashOf("not a text of this column"u8), found);
            Assert.Equal(0b10UL, found[0]);
        }
    }

    [Fact]
    public async Task Pages_that_were_in_memory_when_a_filter_was_made_of_them_go_as_others_do()
    {
        const int Capacity = 1 << 20;
        var disk = new FaultFileSystem();
        await using (var store = await StoreClient.OpenAsync(disk, StoreClient.Options()))
        {
            var number = 0;
            var spans = new RandomSpans(9) { Oddity = 0 }.Traces(2_000).Select(s => s with { Attributes = [NaiveAttribute.Text("id", $"{number++:x8}-{number:x8}-{number}")] });
            foreach (var part in spans.Chunk(2_000)) await store.WriteAsync(SentRequest.Protobuf("", [.. part]).Request, CancellationToken.None);
        }
        var cache = new PageCache(Capacity);
        using (var segment = Open(disk, disk.List("/data/segments")[0], cache))
        {
            var column = segment.SpanColumnsOf("id")[0];
            for (var page = 0; page < column.PageCount; page++) segment.Pages.Pin(column.Index, page).Dispose();
            Assert.True(cache.Count >= column.PageCount);
            Assert.NotNull(segment.Pages.FilterOf(column.Index));
            // What nobody holds makes room for anything.
            new CachedObject<string>(cache).Keep("as large as all of it", Capacity);
            Assert.Equal((Capacity, 1), (cache.Bytes, cache.Count));
        }
    }

    [Fact]
    public async Task A_column_that_most_pages_have_no_value_of_is_ruled_out_by_filters_too()
    {
        var disk = new FaultFileSystem();
        await using (var store = await StoreClient.OpenAsync(disk, StoreClient.Options()))
        {
            var number = 0;
            foreach (var part in new RandomSpans(10) { Oddity = 0 }.Traces(2_000).Chunk(2_000))
            {
                var spans = part.Select(s => s with { Attributes = s.Start.Value < 1_767_225_600_300_000_000 ? [NaiveAttribute.Text("seldom", $"value {number++:x9}")] : [] });
                await store.WriteAsync(SentRequest.Protobuf("", [.. spans]).Request, CancellationToken.None);
            }
        }
        using var segment = Open(disk, disk.List("/data/segments")[0]);
        var column = Assert.Single(segment.SpanColumnsOf("seldom"));
        using var cursor = new SegmentCursor(segment);
        Assert.True(column.Dictionary < 0 && Enumerable.Range(0, column.PageCount).Any(p => cursor.Info(column.Index, p).Count == 0));
        Assert.False(Asking("nowhere").IsRuledOut(segment, hasSplit: false));
        segment.Pages.FilterOf(column.Index);
        Assert.True(Asking("nowhere").IsRuledOut(segment, hasSplit: false));
        Assert.False(Asking("value 000000000").IsRuledOut(segment, hasSplit: false));

        static ConditionSet Asking(string text) =>
            new(new SpanScan { Conditions = [new SpanCondition([new SpanPredicate(SpanField.Attribute, PredicateOperator.Equal) { Key = "seldom", Text = text }])] });
    }

    /// <summary>A segment by itself, without the manifest that names it.</summary>
    internal static OpenSegment Open(FaultFileSystem disk, string path, PageCache? cache = null)
    {
        using var reader = SegmentReader.Open(disk, path);
        var spans = reader.Columns.First(c => c.Key.Field == Span.Id && c.Key.Space == RowSpace.Spans).Values;
        var traces = reader.Columns.First(c => c.Key.Field == SegmentColumns.Trace.IdHigh && c.Key.Space == RowSpace.Traces).Values;
        var entry = new SegmentEntry(reader.Header.SegmentId, reader.FileBytes, spans, traces, default, default, default, default, 0);
        return OpenSegment.Open(disk, path, reader.Header.StoreId, entry, cache ?? new PageCache(1 << 20));
    }
}
