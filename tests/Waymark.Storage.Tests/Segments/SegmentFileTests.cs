// The segment file: what the writer puts in comes out of the reader, in the layout the format describes.
using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Columns;

namespace Waymark.Storage.Tests.Segments;

public sealed class SegmentFileTests
{
    private readonly MemoryFileSystem fs = new();

    [Fact]
    public void What_was_written_is_read_back_and_the_file_was_synced_and_closed()
    {
        SampleSegment.Write(fs, "/s");
        Assert.Equal(1, fs.Syncs("/s"));
        using (var segment = SegmentReader.Open(fs, "/s"))
        {
            Assert.Equal(fs["/s"].Length, segment.FileBytes);
            SampleSegment.Check(segment);
        }
        Assert.Equal(0, fs.Open_handles("/s"));
    }

    [Fact]
    public void Three_hundred_columns_in_any_order_of_pages_come_back()
    {
        const int columnCount = 300;
        var random = new Random(17);
        var pages = new List<long[]>[columnCount];
        using (var writer = SegmentWriter.Create(fs, "/s", SampleSegment.Header))
        {
            for (var i = 0; i < columnCount; i++)
            {
                pages[i] = [];
                Assert.Equal(i, writer.AddColumn(new ColumnKey(RowSpace.Spans, 1_000, AttributeScope.Span, AttributeType.Text, $"key.{i}"), dictionary: i % 2 == 0 ? -1 : i / 2 % 3));
            }
            for (var round = 0; round < TestScale.Of(4_000); round++)
            {
                var column = random.Next(columnCount);
                var count = random.Next(3) switch { 0 => 0, 1 => random.Next(20), _ => random.Next(3_000) };
                var width = random.Next(64);
                var numbers = new long[count];
                for (var i = 0; i < count; i++) numbers[i] = random.NextInt64(long.MinValue, long.MaxValue) >> width;
                pages[column].Add(numbers);
                writer.AddPage(column, numbers);
            }
            for (var i = 0; i < 3; i++) writer.AddDictionary("ab"u8, [1, 2]);
            Assert.Equal(writer.Finish(), fs["/s"].Length);
        }
        using var segment = SegmentReader.Open(fs, "/s");
        var into = new long[SegmentFormat.PageRows];
        for (var i = 0; i < columnCount; i++)
        {
            Assert.Equal(i, segment.FindColumn(segment.Columns[i].Key));
            Assert.Equal(pages[i].Sum(p => p.Length), segment.Columns[i].Values);
            Assert.Equal(pages[i].Count, segment.Columns[i].PageCount);
            for (var page = 0; page < pages[i].Count; page++)
            {
                var count = segment.ReadNumbers(i, page, into);
                Assert.True(into.AsSpan(0, count).SequenceEqual(pages[i][page]));
            }
        }
    }

    [Fact]
    public void Chunks_of_eight_pages_lie_back_to_back_on_a_cache_line()
    {
        using (var writer = SegmentWriter.Create(fs, "/s", SampleSegment.Header))
        {
            for (var column = 0; column < 3; column++) writer.AddColumn(new ColumnKey(RowSpace.Spans, (ushort)column));
            for (var page = 0; page < 20; page++)
            {
                for (var column = 0; column < 3; column++) writer.AddPage(column, [1, 2, page + 100]);
            }
            writer.Finish();
        }
        using var segment = SegmentReader.Open(fs, "/s");
        for (var column = 0; column < 3; column++)
        {
            for (var page = 0; page < 20; page++)
            {
                var info = segment.Page(column, page);
                if (page % SegmentFormat.ChunkPages == 0) Assert.Equal(0, info.Offset % SegmentFormat.Alignment);
                else Assert.Equal(segment.Page(column, page - 1).Offset + segment.Page(column, page - 1).Bytes, info.Offset);
            }
        }
    }

    [Fact]
    public void More_waiting_pages_than_the_writer_may_hold_are_written_early_and_come_back()
    {
        var heap = new byte[3_000_000];
        new Random(2).NextBytes(heap);
        using (var writer = SegmentWriter.Create(fs, "/s", SampleSegment.Header))
        {
            for (var column = 0; column < 7; column++) writer.AddColumn(new ColumnKey(RowSpace.Spans, (ushort)column));
            for (var page = 0; page < 3; page++)
            {
                for (var column = 0; column < 7; column++) writer.AddPage(column, heap, [column, 2_000_000, 3_000_000]);
            }
            writer.Finish();
        }
        using var segment = SegmentReader.Open(fs, "/s");
        for (var column = 0; column < 7; column++)
        {
            for (var page = 0; page < 3; page++)
            {
                var strings = segment.ReadBytes(column, page);
                Assert.Equal([column, 2_000_000, 3_000_000], strings.Ends);
                Assert.True(strings.Heap.AsSpan(strings.Offset, heap.Length).SequenceEqual(heap));
            }
        }
    }

    [Fact]
    public void Numbers_of_32_bits_are_read_as_such_and_wider_ones_are_refused()
    {
        using (var writer = SegmentWriter.Create(fs, "/s", SampleSegment.Header))
        {
            writer.AddColumn(new ColumnKey(RowSpace.Spans, 1));
            writer.AddPage(0, [int.MinValue, 0, int.MaxValue]);
            writer.AddPage(0, [0, int.MaxValue + 1L]);
            writer.AddPage(0, [9, 9]);
            writer.Finish();
        }
        using var segment = SegmentReader.Open(fs, "/s");
        var into = new int[3];
        Assert.Equal(3, segment.ReadNumbers(0, 0, into));
        Assert.Equal([int.MinValue, 0, int.MaxValue], into);
        Assert.Throws<CorruptFileException>(() => segment.ReadNumbers(0, 1, into));
        Assert.Equal(2, segment.ReadNumbers(0, 2, into));
        Assert.Equal([9, 9], into[..2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.ReadNumbers(0, 0, new long[2]));
        Assert.Throws<CorruptFileException>(() => segment.ReadBytes(0, 0));
    }

    [Fact]
    public void Misuse_of_the_writer_is_caught_before_it_can_do_harm()
    {
        using var writer = SegmentWriter.Create(fs, "/s", SampleSegment.Header);
        var key = new ColumnKey(RowSpace.Spans, 1);
        writer.AddColumn(key, dictionary: 4);
        Assert.Throws<UnreachableException>(() => writer.AddColumn(key));
        Assert.Throws<UnreachableException>(() => writer.AddPage(1, [1]));
        Assert.Throws<UnreachableException>(() => writer.AddPage(0, new long[SegmentFormat.PageRows + 1]));
        Assert.Throws<UnreachableException>(() => writer.AddPage(0, "abc"u8, [2, 1]));
        Assert.Throws<UnreachableException>(() => writer.AddPage(0, "abc"u8, [4]));
        Assert.Throws<UnreachableException>(() => writer.Finish());
    }

    [Fact]
    public void A_file_without_anything_in_it_is_a_segment()
    {
        using (var writer = SegmentWriter.Create(fs, "/s", SampleSegment.Header)) writer.Finish();
        using var segment = SegmentReader.Open(fs, "/s");
        Assert.Empty(segment.Columns);
        Assert.Null(segment.ReadSection(SectionKind.TraceIndex));
    }

    [Fact]
    public void An_unfinished_file_is_no_segment()
    {
        using (var writer = SegmentWriter.Create(fs, "/s", SampleSegment.Header))
        {
            writer.AddColumn(new ColumnKey(RowSpace.Spans, 1));
            writer.AddPage(0, [1, 2, 3]);
        }
        Assert.Equal(0, fs.Open_handles("/s"));
        Assert.Throws<CorruptFileException>(() => SegmentReader.Open(fs, "/s"));
        Assert.Equal(0, fs.Open_handles("/s"));
    }

    [Fact]
    public void A_higher_major_is_refused_as_newer_and_a_higher_minor_is_read()
    {
        SampleSegment.Write(fs, "/s");
        SegmentSurgery.PatchHeader(fs["/s"], header => BinaryPrimitives.WriteUInt16LittleEndian(header[8..], 2));
        var error = Assert.Throws<NewerFormatException>(() => SegmentReader.Open(fs, "/s"));
        Assert.Contains("written by a newer version", error.Message, StringComparison.Ordinal);
        Assert.Contains("/s", error.Message, StringComparison.Ordinal);
        SegmentSurgery.PatchHeader(fs["/s"], header =>
        {
            BinaryPrimitives.WriteUInt16LittleEndian(header[8..], 1);
            BinaryPrimitives.WriteUInt16LittleEndian(header[10..], 9);
        });
        using var segment = SegmentReader.Open(fs, "/s");
        SampleSegment.Check(segment);
    }

    [Fact]
    public void An_unknown_section_is_skipped_if_optional_and_refused_if_required()
    {
        foreach (var optional in new[] { true, false })
        {
            var path = $"/{optional}";
            using (var writer = SegmentWriter.Create(fs, path, SampleSegment.Header))
            {
                writer.AddSection((SectionKind)60_000, "?"u8, optional);
                writer.AddSection(SectionKind.TraceIndex, WholeTraceIndexWriter.Build([]));
                writer.Finish();
            }
            if (optional)
            {
                using var segment = SegmentReader.Open(fs, path);
                Assert.NotNull(segment.ReadSection(SectionKind.TraceIndex));
                Assert.Null(segment.ReadSection((SectionKind)60_000));
            }
            else
            {
                Assert.Throws<NewerFormatException>(() => SegmentReader.Open(fs, path));
            }
        }
    }

    [Fact]
    public void A_foreign_file_is_not_taken_for_a_segment()
    {
        foreach (var content in new[] { "", "x", new string('x', 500), "WAYMSEG\n" })
        {
            fs["/s"] = Encoding.UTF8.GetBytes(content);
            var error = Assert.Throws<CorruptFileException>(() => SegmentReader.Open(fs, "/s"));
            Assert.Contains("'/s' is corrupt at offset 0", error.Message, StringComparison.Ordinal);
        }
    }
}
