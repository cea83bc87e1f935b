// What a query's place in a segment does with pages that need others to be read, when those make no sense.
using Waymark.Model.Bodies;
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
}
