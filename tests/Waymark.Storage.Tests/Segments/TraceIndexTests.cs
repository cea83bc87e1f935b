// The index in blocks: finds all there is, seldom more, reads one block to do so, and tells damage from the block that has it.
using System.Buffers.Binary;
using Waymark.Model.Spans;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Columns;

namespace Waymark.Storage.Tests.Segments;

public sealed class TraceIndexTests
{
    private const int Many = 50_000;
    private static readonly TraceHash Hash = TraceHash.KeyedBy(SampleSegment.Header.StoreId);
    private readonly MemoryFileSystem fs = new();

    public static TheoryData<string> Kinds => ["random", "sequential low", "sequential high", "low bits zero", "high equals low", "one half differs by a power of two", "pairs that cancel"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_id_is_found_and_others_seldom_are(string kind)
    {
        var ids = Ids(kind, Many);
        using var segment = Open(Build(ids.AsSpan(0, Many / 2)));
        using var block = new IndexBlock();
        var reader = new TraceIndexReader(segment);
        Assert.Equal(Many / 2, reader.Count);
        Span<int> found = stackalloc int[8];
        var wrong = 0;
        for (var i = 0; i < Many; i++)
        {
            var count = reader.Find(ids[i], found, block);
            if (i < Many / 2) Assert.Contains(i, found[..count].ToArray());
            wrong += count - (i < Many / 2 ? 1 : 0);
        }
        // Expected: 50,000 look-ups among 25,000 / 2,048 = 12 remainders of 16 bits, that is 9.
        Assert.InRange(wrong, 0, 40);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(1_000)]
    [InlineData(35_000)]
    [InlineData(120_000)]
    public void Any_number_of_traces_makes_an_index_of_the_promised_size(int count)
    {
        var ids = Ids("random", count + 1);
        var section = Build(ids.AsSpan(0, count));
        if (count >= 1_000) Assert.InRange(section.Length, 0, (count * (2 + 0.25 + (IndexShape.Bits(count - 1) / 8.0))) + 200);
        using var segment = Open(section);
        using var block = new IndexBlock();
        var reader = new TraceIndexReader(segment);
        Span<int> found = stackalloc int[4];
        for (var i = 0; i < count; i++) Assert.Contains(i, found[..reader.Find(ids[i], found, block)].ToArray());
        Assert.InRange(reader.Find(ids[count], found, block), 0, 1);
    }

    [Fact]
    public void An_id_at_several_places_gives_all_of_them_in_order_even_where_the_room_is_short()
    {
        var same = new TraceId(1, 2);
        var ids = Ids("random", 10_000);
        foreach (var i in new[] { 3, 77, 9_000, 9_001 }) ids[i] = same;
        using var segment = Open(Build(ids));
        using var block = new IndexBlock();
        var reader = new TraceIndexReader(segment);
        var found = new int[4];
        Assert.Equal(4, reader.Find(same, found, block));
        Assert.Equal([3, 77, 9_000, 9_001], found);
        Assert.Equal(4, reader.Find(same, found.AsSpan(0, 2), block));
        Assert.Equal([3, 77], found[..2]);
    }

    [Fact]
    public void Hashes_that_all_fall_into_one_block_or_are_equal_are_found()
    {
        foreach (var count in new[] { 100, 5_000, 70_000 })
        {
            var ids = new TraceId[count];
            Array.Fill(ids, new TraceId(8, 9));
            using var segment = Open(Build(ids));
            using var block = new IndexBlock();
            var found = new int[count];
            Assert.Equal(count, new TraceIndexReader(segment).Find(ids[0], found, block));
            Assert.Equal(Enumerable.Range(0, count), found);
        }
    }

    [Fact]
    public void Looking_in_the_order_of_hashes_reads_each_block_once_and_a_damaged_block_breaks_only_itself()
    {
        var ids = Ids("random", 20_000);
        var section = Build(ids);
        using var segment = Open(section);
        var reader = new TraceIndexReader(segment);
        using var sorted = SortedHashes.Of(ids, Hash);
        using (var block = new IndexBlock())
        {
            var before = fs.Reads("/s");
            Span<int> found = stackalloc int[4];
            foreach (var i in sorted.Ordinals) Assert.Contains(i, found[..reader.Find(ids[i], found, block)].ToArray());
            Assert.Equal(IndexShape.Of(ids.Length).Blocks, fs.Reads("/s") - before);
        }

        // One byte of the last block.
        var file = fs["/s"];
        var at = file.AsSpan().IndexOf(section) + section.Length - 1;
        file[at] ^= 1;
        using (var block = new IndexBlock())
        {
            var broken = 0;
            Span<int> found = stackalloc int[4];
            foreach (var i in sorted.Ordinals)
            {
                try
                {
                    Assert.Contains(i, found[..reader.Find(ids[i], found, block)].ToArray());
                }
                catch (CorruptFileException error)
                {
                    Assert.Equal("/s", error.Path);
                    Assert.InRange(error.Offset, at - 10_000, at);
                    broken++;
                }
            }
            Assert.InRange(broken, 500, 3_000);
        }
    }

    [Fact]
    public void Every_flipped_bit_is_noticed_before_it_can_answer()
    {
        var ids = Ids("random", 60);
        var section = Build(ids);
        using var block = new IndexBlock();
        Span<int> found = stackalloc int[4];
        for (var bit = 0; bit < section.Length * 8; bit++)
        {
            section[bit / 8] ^= (byte)(1 << (bit % 8));
            using var segment = Open(section);
            var noticed = false;
            foreach (var id in ids)
            {
                try
                {
                    var count = new TraceIndexReader(segment).Find(id, found, block);
                    Assert.Contains(Array.IndexOf(ids, id), found[..count].ToArray());
                }
                catch (CorruptFileException)
                {
                    noticed = true;
                }
            }
            Assert.True(noticed, $"bit {bit}");
            section[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Bytes_that_lie_under_valid_checksums_are_refused_or_answer_wrongly_but_never_break()
    {
        var random = new Random(13);
        var ids = Ids("random", 3_000);
        var whole = Build(ids);
        var front = IndexShape.Of(ids.Length).BlocksAt;
        var found = new int[16];
        for (var round = 0; round < TestScale.Of(3_000); round++)
        {
            var section = whole.ToArray();
            for (var hits = random.Next(1, 4); hits > 0; hits--) section[random.Next(random.Next(2) == 0 ? 8 : front)] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
            for (var hits = random.Next(3); hits > 0; hits--) section[random.Next(front, section.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) section = section[..random.Next(section.Length)];
            Seal(section);
            var before = GC.GetAllocatedBytesForCurrentThread();
            using var segment = Open(section);
            using var block = new IndexBlock();
            try
            {
                var reader = new TraceIndexReader(segment);
                for (var k = 0; k < 20; k++)
                {
                    var count = reader.Find(ids[random.Next(ids.Length)], found, block);
                    for (var i = 0; i < Math.Min(count, found.Length); i++) Assert.InRange(found[i], 0, reader.Count - 1);
                }
            }
            catch (CorruptFileException)
            {
                // What a reader may say.
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
        }
    }

    /// <summary>Makes the checksums of whatever stands there right, as far as there is room for them.</summary>
    private static void Seal(Span<byte> section)
    {
        if (section.Length < IndexShape.HeaderBytes) return;
        var shape = new IndexShape((int)BinaryPrimitives.ReadUInt32LittleEndian(section), section[4], section[5], section[6], section[7]);
        if (shape.BucketBits > 20 || shape.BlockBits > shape.BucketBits || shape.BlocksAt > section.Length) return;
        long at = shape.BlocksAt;
        uint previous = 0;
        for (var block = 0; block < shape.Blocks; block++)
        {
            var entry = section[(IndexShape.HeaderBytes + (block * IndexShape.TableEntryBytes))..];
            var end = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            if (end < previous || end > int.MaxValue) break;
            var length = shape.BlockBytes((int)(end - previous));
            if (at + length > section.Length) break;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], Waymark.Storage.Columns.Crc32C.Compute(section.Slice((int)at, (int)length)));
            at += length;
            previous = end;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(section[12..], TraceIndex.HeaderCrc(section[..shape.BlocksAt]));
    }

    private static byte[] Build(ReadOnlySpan<TraceId> ids)
    {
        using var hashes = SortedHashes.Of(ids, Hash);
        return TraceIndex.Build(hashes);
    }

    private SegmentReader Open(byte[] section)
    {
        if (fs.Exists("/s")) fs.Delete("/s");
        using (var writer = SegmentWriter.Create(fs, "/s", SampleSegment.Header))
        {
            writer.AddSection(SectionKind.CompactTraceIndex, section);
            writer.Finish();
        }
        return SegmentReader.Open(fs, "/s");
    }

    private static TraceId[] Ids(string kind, int count)
    {
        var random = new Random(count);
        var ids = new TraceId[count];
        for (var i = 0; i < count; i++)
        {
            var n = (ulong)i;
            ids[i] = kind switch
            {
                "random" => new TraceId((ulong)random.NextInt64(), (ulong)random.NextInt64()),
                "sequential low" => new TraceId(0, n + 1),
                "sequential high" => new TraceId(n + 1, 0),
                "low bits zero" => new TraceId(n << 44, 0),
                "high equals low" => new TraceId(n, n),
                "one half differs by a power of two" => new TraceId(1UL << (i % 64), (ulong)(i / 64)),
                _ => new TraceId(n, ulong.MaxValue - n),
            };
        }
        return ids;
    }
}
