// Segment files with flipped bits, cut ends and lying directories: noticed, never believed.
using System.Buffers.Binary;
using System.Diagnostics;
using Waymark.Model.Spans;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Columns;

namespace Waymark.Storage.Tests.Segments;

public sealed class SegmentDamageTests
{
    private readonly MemoryFileSystem fs = new();

    [Fact]
    public void Every_flipped_bit_of_a_small_file_is_noticed_or_does_not_matter()
    {
        WriteSmall();
        var whole = fs["/s"];
        var used = Used(whole);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
            var noticed = Noticed();
            Assert.True(noticed == used[bit / 8], $"bit {bit % 8} of byte {bit / 8}: noticed {noticed}, in use {used[bit / 8]}");
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.False(Noticed());
    }

    [Fact]
    public void A_flipped_bit_in_a_file_with_everything_in_it_never_gives_wrong_data()
    {
        SampleSegment.Write(fs, "/s");
        var whole = fs["/s"];
        var random = new Random(8);
        for (var round = 0; round < TestScale.Of(400); round++)
        {
            var (at, bit) = (random.Next(whole.Length), (byte)(1 << random.Next(8)));
            whole[at] ^= bit;
            try
            {
                using var segment = SegmentReader.Open(fs, "/s");
                SampleSegment.Check(segment);
            }
            catch (CorruptFileException error)
            {
                Assert.Equal("/s", error.Path);
                Assert.InRange(error.Offset, 0, whole.Length);
            }
            whole[at] ^= bit;
        }
    }

    [Fact]
    public void A_page_with_a_flipped_bit_fails_alone()
    {
        SampleSegment.Write(fs, "/s");
        using var segment = SegmentReader.Open(fs, "/s");
        var damaged = segment.Page(SampleSegment.Services, 0);
        fs["/s"][damaged.Offset + 5] ^= 1;
        var into = new long[SegmentFormat.PageRows];
        var error = Assert.Throws<CorruptFileException>(() => segment.ReadNumbers(SampleSegment.Services, 0, into));
        Assert.Equal(damaged.Offset, error.Offset);
        Assert.Equal(100, segment.ReadNumbers(SampleSegment.Services, 1, into));
        Assert.Equal(1_500, segment.ReadNumbers(SampleSegment.Times, 0, into));
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        WriteSmall();
        var whole = fs["/s"];
        for (var length = 0; length < whole.Length; length++)
        {
            fs["/s"] = whole[..length];
            Assert.Throws<CorruptFileException>(() => SegmentReader.Open(fs, "/s"));
        }
        fs["/s"] = [.. whole, 0];
        Assert.Throws<CorruptFileException>(() => SegmentReader.Open(fs, "/s"));
    }

    [Fact]
    public void A_footer_of_another_segment_is_noticed()
    {
        WriteSmall();
        SegmentSurgery.PatchFooter(fs["/s"], footer => BinaryPrimitives.WriteUInt64LittleEndian(footer[32..], 99));
        Assert.Throws<CorruptFileException>(() => SegmentReader.Open(fs, "/s"));
    }

    [Fact]
    public void A_directory_that_lies_under_a_valid_checksum_is_refused_without_a_crash_or_a_giant_allocation()
    {
        SampleSegment.Write(fs, "/s");
        var original = fs["/s"].ToArray();
        var random = new Random(21);
        for (var round = 0; round < TestScale.Of(3_000); round++)
        {
            fs["/s"] = original.ToArray();
            SegmentSurgery.PatchDirectory(fs["/s"], directory =>
            {
                for (var hits = random.Next(1, 4); hits > 0; hits--)
                {
                    directory[random.Next(directory.Length)] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
                }
            });
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var segment = SegmentReader.Open(fs, "/s");
                ReadAll(segment);
            }
            catch (IOException error)
            {
                Assert.True(error is CorruptFileException or NewerFormatException, error.ToString());
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000_000);
        }
    }

    private void WriteSmall()
    {
        using var writer = SegmentWriter.Create(fs, "/s", SampleSegment.Header);
        writer.AddColumn(new ColumnKey(RowSpace.Spans, 1), dictionary: 0);
        writer.AddColumn(new ColumnKey(RowSpace.Spans, 2));
        writer.AddColumn(new ColumnKey(RowSpace.Spans, 1_000, AttributeScope.Span, AttributeType.Text, "key"));
        writer.AddPage(0, [0, 1, 2, 1, 0]);
        writer.AddPage(1, [long.MinValue, 5, long.MaxValue]);
        writer.AddPage(1, [1_700_000_000_000_000_000, 1_700_000_100_000_000_000]);
        SampleSegment.AddTexts(writer, ["one", "", "three"], column: 2);
        writer.AddDictionary("abc"u8, [1, 2, 3]);
        writer.AddSection(SectionKind.TraceIndex, WholeTraceIndexWriter.Build(SampleSegment.Traces));
        writer.Finish();
    }

    /// <summary>Opens and reads everything; true if the damage was named, and the data must be right otherwise.</summary>
    private bool Noticed()
    {
        try
        {
            using var segment = SegmentReader.Open(fs, "/s");
            Assert.Equal(SampleSegment.Header, segment.Header);
            var into = new long[8];
            Assert.Equal(new long[] { 0, 1, 2, 1, 0 }, into[..segment.ReadNumbers(0, 0, into)]);
            Assert.Equal(new[] { long.MinValue, 5, long.MaxValue }, into[..segment.ReadNumbers(1, 0, into)]);
            Assert.Equal(new[] { 1_700_000_000_000_000_000, 1_700_000_100_000_000_000 }, into[..segment.ReadNumbers(1, 1, into)]);
            var strings = segment.ReadBytes(2, 0);
            Assert.Equal("onethree"u8.ToArray(), strings.Heap.AsSpan(strings.Offset, 8).ToArray());
            Assert.Equal(2, segment.Dictionary(0).Find("c"u8));
            Assert.Equal(WholeTraceIndexWriter.Build(SampleSegment.Traces), segment.ReadSection(SectionKind.TraceIndex));
            return false;
        }
        catch (CorruptFileException error)
        {
            Assert.Equal("/s", error.Path);
            return true;
        }
    }

    /// <summary>Which bytes of the file are part of something, rather than alignment.</summary>
    private bool[] Used(byte[] whole)
    {
        var used = new bool[whole.Length];
        using var segment = SegmentReader.Open(fs, "/s");
        Mark(0, SegmentFormat.HeaderBytes);
        for (var column = 0; column < segment.Columns.Count; column++)
        {
            foreach (var page in segment.Pages(column)) Mark(page.Offset, page.Bytes);
        }
        var footer = whole.AsSpan(whole.Length - SegmentFormat.FooterBytes);
        var (directory, length) = ((int)BinaryPrimitives.ReadInt64LittleEndian(footer), (int)BinaryPrimitives.ReadInt64LittleEndian(footer[8..]));
        // The section is the last but one thing before the directory; before it lies the dictionary's only block: 3 ends and 3 bytes.
        var section = WholeTraceIndexWriter.Build(SampleSegment.Traces);
        var sectionAt = whole.AsSpan().IndexOf(section);
        Mark(sectionAt, section.Length);
        Mark(whole.AsSpan().IndexOf((byte[])[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, .. "abc"u8]), 15);
        Mark(directory, whole.Length - directory);
        Assert.Equal(whole.Length - SegmentFormat.FooterBytes, directory + length);
        return used;

        void Mark(long from, int count) => Array.Fill(used, true, (int)from, count);
    }

    private static void ReadAll(SegmentReader segment)
    {
        var into = new long[SegmentFormat.PageRows];
        foreach (var column in segment.Columns)
        {
            for (var page = 0; page < column.PageCount; page++)
            {
                if (segment.Page(column.Index, page).Encoding == Waymark.Storage.Columns.PageEncoding.Bytes) segment.ReadBytes(column.Index, page);
                else segment.ReadNumbers(column.Index, page, into);
            }
        }
        for (var i = 0; i < segment.DictionaryCount; i++)
        {
            var dictionary = segment.Dictionary(i);
            for (var code = 0; code < dictionary.Count; code++) Assert.True(dictionary[code].Length >= 0);
        }
        segment.ReadSection(SectionKind.TraceIndex);
    }
}
