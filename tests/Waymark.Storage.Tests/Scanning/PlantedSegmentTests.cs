// Questions to segments whose every checksum is right and whose content can't be: the answer says that something is wrong, and is an answer.
using System.Buffers.Binary;
using Waymark.Model.Stores;
using Waymark.Storage.Scanning;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Checking;
using Waymark.Storage.Tests.Faults;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;
using Trace = Waymark.Storage.Segments.SegmentColumns.Trace;
using Span = Waymark.Storage.Segments.SegmentColumns.Span;

namespace Waymark.Storage.Tests.Scanning;

public sealed class PlantedSegmentTests
{
    private static readonly Dictionary<string, Action<SegmentCopy>> Plants = new()
    {
        ["a parent before its trace"] = c => c.Pages(RowSpace.Spans, Span.ParentLink)[0][0] = 9,
        ["a trace that begins beyond the rows"] = c => c.Pages(RowSpace.Traces, Trace.FirstRow)[0][^1] = 1_000_000,
        ["a trace that begins beyond all numbers"] = c => c.Pages(RowSpace.Traces, Trace.FirstRow)[0][3] = long.MaxValue,
        ["a trace that begins before the rows"] = c => c.Pages(RowSpace.Traces, Trace.FirstRow)[0][3] = -5,
        ["first rows that begin again"] = c => c.Pages(RowSpace.Traces, Trace.FirstRow)[1][0] = 0,
        ["first rows that begin late"] = c => c.Pages(RowSpace.Traces, Trace.FirstRow)[0][0] = 9_000,
        ["a code beyond its dictionary"] = c => c.Pages(RowSpace.Spans, Span.Name)[0][0] = 100_000,
        ["a context that is not there"] = c => c.Pages(RowSpace.Spans, Span.Context)[0][0] = 100_000,
        ["a shape that is not there"] = c => c.Pages(RowSpace.Spans, Span.Shape)[0][0] = 100_000,
        ["a row too few"] = c => c.Pages(RowSpace.Spans, Span.Kind)[^1] = c.Pages(RowSpace.Spans, Span.Kind)[^1][..^1],
        ["a page too few"] = c => c.Pages(RowSpace.Traces, Trace.FirstRow)[1] = [],
        ["a resource that can't be read"] = c => BinaryPrimitives.WriteUInt32LittleEndian(c.Sections[SectionKind.Resources].AsSpan(8), 9),
        ["a resource cut off"] = c => BinaryPrimitives.WriteUInt32LittleEndian(c.Sections[SectionKind.Resources].AsSpan(12), 9_999_999),
        ["more events than there are"] = c => c.Pages(RowSpace.Spans, Span.EventCount)[0][0] = 1L << 40,
        ["less events than none"] = c => c.Pages(RowSpace.Spans, Span.EventCount)[0][0] = -1,
        ["more links than there are"] = c => c.Pages(RowSpace.Spans, Span.LinkCount)[0][0] = 1L << 40,
    };

    public static TheoryData<string> Names => [.. Plants.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_planted_is_told_and_no_more_than_an_answer_lost(string name)
    {
        var disk = await Sealed.Value;
        var copy = new SegmentCopy(disk, disk.List("/data/segments")[0]);
        Plants[name](copy);
        var path = $"/data/{name}.wmseg";
        copy.Write(disk, path);
        var told = new List<CorruptFileException>();
        foreach (var condition in Conditions())
        {
            OpenSegment segment;
            try
            {
                segment = SegmentCursorTests.Open(disk, path);
            }
            catch (CorruptFileException broken)
            {
                told.Add(broken);
                continue;
            }
            using var view = new StoreView([], [segment], [], broken => { lock (told) told.Add(broken); }, new QueryMemory(256 << 20));
            var scan = new SpanScan { Parts = SpanParts.All, Wanted = 20_000, Conditions = condition is null ? [] : [condition] };
            await foreach (var block in new TraceScan(view, scan, SearchPace.Default, CancellationToken.None).RunAsync()) Assert.NotEmpty(block.Traces);
        }
        Assert.NotEmpty(told);
    }

    private static IEnumerable<SpanCondition?> Conditions() =>
    [
        null,
        new SpanCondition([new SpanPredicate(SpanField.Service, PredicateOperator.Equal) { Text = "payments" }]),
        new SpanCondition([new SpanPredicate(SpanField.Attribute, PredicateOperator.Equal) { Key = "user.id", Text = "3.0" }]),
        new SpanCondition([new SpanPredicate(SpanField.Name, PredicateOperator.Contains) { Text = "orders" }]),
        new SpanCondition([new SpanPredicate(SpanField.LinkedTrace, PredicateOperator.Equal) { Trace = new(1, 2) }]),
    ];

    private static readonly Lazy<Task<FaultFileSystem>> Sealed = new(SealAsync);

    /// <summary>One segment of two pages of traces.</summary>
    private static async Task<FaultFileSystem> SealAsync()
    {
        var disk = new FaultFileSystem();
        var random = new RandomSpans(12) { MaxSpans = 2 };
        await using var store = await StoreClient.OpenAsync(disk, StoreClient.Options() with { LogFileBytes = 16 << 20 });
        for (var i = 0; i < 10; i++) await store.WriteAsync(SentRequest.Protobuf("", random.Traces(900)).Request, CancellationToken.None);
        return disk;
    }
}
