// Segments whose every checksum is right and whose content can't be: each rule of the format is planted broken once, and found.
using System.Buffers.Binary;
using Waymark.Storage.Checking;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Faults;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;
using Trace = Waymark.Storage.Segments.SegmentColumns.Trace;
using Span = Waymark.Storage.Segments.SegmentColumns.Span;

namespace Waymark.Storage.Tests.Checking;

public sealed class SegmentContradictionTests
{
    private static readonly Dictionary<string, (Action<SegmentCopy> Plant, string Told)> Rules = new()
    {
        ["nothing"] = (_ => { }, ""),
        ["a parent before its trace"] = (c => c.Pages(RowSpace.Spans, Span.ParentLink)[0][0] = 9, "parent of span row 0"),
        ["a negative parent link"] = (c => c.Pages(RowSpace.Spans, Span.ParentLink)[0][0] = -1, "parent link -1"),
        ["an orphan without its parent's id"] = (c => c.Pages(RowSpace.Spans, Span.ParentLink)[0][0] = 1, "span:parentId"),
        ["traces out of order"] = (c => Swap(c.Pages(RowSpace.Traces, Trace.Start)[0], 0, 1), "stands after one that starts later"),
        ["traces that don't tile the rows"] = (c => c.Pages(RowSpace.Traces, Trace.FirstRow)[0][0] = 1, "first rows has 5 from 1 on"),
        ["a trace beyond the rows"] = (c => c.Pages(RowSpace.Traces, Trace.FirstRow)[0][^1] = 1_000_000, "begins at span row 1000000"),
        ["a trace's errors"] = (c => c.Pages(RowSpace.Traces, Trace.Errors)[0][1] += 5, "trace:errors"),
        ["a trace's end"] = (c => c.Pages(RowSpace.Traces, Trace.End)[0][1] += 5, "trace:end"),
        ["a trace's start"] = (c => c.Pages(RowSpace.Traces, Trace.Start)[0][0] -= 1, "trace:start"),
        ["a trace's root"] = (c => c.Pages(RowSpace.Traces, Trace.RootName)[0][0] = 0, "trace:rootName"),
        ["a trace id that the index doesn't have"] = (c => c.Pages(RowSpace.Traces, Trace.IdLow)[0][0] ^= 1, "not found by its id"),
        ["a mark"] = (c => c.Pages(RowSpace.Spans, Span.Marks)[0][0] ^= 8, "has marks"),
        ["a code beyond its dictionary"] = (c => c.Pages(RowSpace.Spans, Span.Name)[0][0] = 100_000, "of a dictionary of"),
        ["a context that is not there"] = (c => c.Pages(RowSpace.Spans, Span.Context)[0][0] = 100_000, "span:context"),
        ["a shape that is not there"] = (c => c.Pages(RowSpace.Spans, Span.Shape)[0][0] = 100_000, "span:shape"),
        ["a value too few"] = (c => Shorten(c, Attribute(c)), "the shapes of its rows promise"),
        ["a row too few"] = (c => Shorten(c.Pages(RowSpace.Spans, Span.Kind)), "span:kind has"),
        ["an event too few"] = (c => c.Pages(RowSpace.Spans, Span.EventCount)[0][0] += 1, "the spans count"),
        ["a page base"] = (c => c.Sections[SectionKind.PageBases][0] = 3, "begins with event 3"),
        ["an operation's spans"] = (c => c.Sections[SectionKind.Operations][^16] += 1, "is listed with"),
        ["a continuation that is not here"] = (c => c.Sections[SectionKind.Continuations] = [1, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], "continued here"),
        ["a context of no resource"] = (c => BinaryPrimitives.WriteUInt32LittleEndian(c.Sections[SectionKind.Contexts].AsSpan(4), 77_777), "resource 77777"),
        ["a shape of a column that is not there"] = (c => BinaryPrimitives.WriteUInt32LittleEndian(c.Sections[SectionKind.Shapes].AsSpan(FirstShapeColumn(c)), 9_999), "column 9999"),
        ["a resource that can't be decoded"] = (c => BinaryPrimitives.WriteUInt32LittleEndian(c.Sections[SectionKind.Resources].AsSpan(8), 9), "contradicts itself"),
        ["a section that is missing"] = (c => c.Sections.Remove(SectionKind.Contexts), "section Contexts is missing"),
        ["a section cut off"] = (c => c.Sections[SectionKind.Contexts] = c.Sections[SectionKind.Contexts][..^3], "contradicts itself"),
    };

    public static TheoryData<string> Names => [.. Rules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_broken_rule_is_found(string name)
    {
        var (plant, told) = Rules[name];
        var disk = await OneSegmentAsync();
        var copy = new SegmentCopy(disk, disk.List("/data/segments")[0]);
        plant(copy);
        copy.Write(disk, "/data/planted.wmseg");
        var findings = new Findings();
        SegmentCheck.Run(disk, "/data/planted.wmseg", default, null, findings, _ => { }, CancellationToken.None);
        if (told.Length == 0)
        {
            Assert.Empty(findings.All);
            return;
        }
        Assert.True(findings.All.Any(f => f.What.Contains(told, StringComparison.Ordinal) && f.Severity == CheckSeverity.Damage), $"{name}: {string.Join("; ", findings.All)}");
    }

    [Fact]
    public void A_page_that_is_not_what_the_directory_says_is_found()
    {
        // The range of a page stands in the directory only: a directory that was patched, its checksum made right again.
        var files = new Segments.MemoryFileSystem();
        using (var writer = SegmentWriter.Create(files, "/s", new SegmentHeader(1, Guid.NewGuid(), 0, default)))
        {
            writer.AddPage(writer.AddColumn(new ColumnKey(RowSpace.Spans, Span.Kind)), [.. Enumerable.Range(0, 1_000).Select(i => 40L + (i % 5))]);
            writer.Finish();
        }
        var file = files["/s"];
        // Behind the page's minimum, 40 as zigzag, stands maximum - minimum, 4; 5 needs as many bits.
        Segments.SegmentSurgery.PatchDirectory(file, directory => directory[directory.IndexOf((byte[])[80, 4]) + 1] = 5);
        files["/s"] = file;
        var findings = new Findings();
        SegmentCheck.Run(files, "/s", default, null, findings, _ => { }, CancellationToken.None);
        Assert.Contains(findings.All, f => f.What.Contains("holds", StringComparison.Ordinal) && f.What.Contains("the directory says", StringComparison.Ordinal));
    }

    private static async Task<FaultFileSystem> OneSegmentAsync()
    {
        var disk = new FaultFileSystem();
        var random = new RandomSpans(12) { MaxSpans = 40 };
        await using var store = await StoreClient.OpenAsync(disk, StoreClient.Options() with { LogFileBytes = 4 << 20 });
        // Starts far apart, so that each trace's place is known; a root first.
        for (var i = 0; i < 4; i++) await store.WriteAsync(SentRequest.Protobuf("", random.Trace()).Request, CancellationToken.None);
        var root = random.Span() with { ParentSpanId = default, Start = new(1), End = new(5), Events = [], Links = [] };
        await store.WriteAsync(SentRequest.Protobuf("", [root]).Request, CancellationToken.None);
        return disk;
    }

    private static ColumnInfo Attribute(SegmentCopy copy) =>
        copy.Columns.First(c => c.Key is { Space: RowSpace.Spans, Field: SegmentColumns.Attribute } && !SegmentCheck.HoldsStrings(c) && c.Values > 1);

    private static void Shorten(SegmentCopy copy, ColumnInfo column) => Shorten(copy.Pages(column));

    private static void Shorten(List<long[]> pages) => pages[^1] = pages[^1][..^1];

    private static void Swap(long[] values, int a, int b) => (values[a], values[b]) = (values[b], values[a]);

    private static int FirstShapeColumn(SegmentCopy copy)
    {
        var section = copy.Sections[SectionKind.Shapes];
        for (var at = 4; ; at += 4)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(section.AsSpan(at)) > 0) return at + 4;
        }
    }
}
