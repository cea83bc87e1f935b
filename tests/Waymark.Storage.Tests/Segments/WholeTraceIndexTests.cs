// The index of files of version 1.0: finds all there is, seldom more, and survives damage.
using System.Buffers.Binary;
using Waymark.Model.Spans;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Columns;

namespace Waymark.Storage.Tests.Segments;

public sealed class WholeTraceIndexTests
{
    private const int Many = 50_000;

    private readonly IndexBlock block = new();

    public static TheoryData<string> Kinds => ["random", "sequential low", "sequential high", "low bits zero", "high equals low", "one half differs by a power of two", "pairs that cancel"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_id_is_found_and_others_seldom_are(string kind)
    {
        var ids = Ids(kind, Many);
        var reader = new WholeTraceIndex(WholeTraceIndexWriter.Build(ids.AsSpan(0, Many / 2)), "index");
        Assert.Equal(Many / 2, reader.Count);
        Span<int> found = stackalloc int[8];
        var wrong = 0;
        for (var i = 0; i < Many; i++)
        {
            var count = reader.Find(ids[i], found, block);
            if (i < Many / 2) Assert.Contains(i, found[..count].ToArray());
            wrong += count - (i < Many / 2 ? 1 : 0);
        }
        // Expected: 50,000 look-ups · 25,000 / 2^43, that is 0.0001; one unlucky pair counts twice.
        Assert.InRange(wrong, 0, 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(1_000)]
    public void Any_number_of_traces_makes_an_index_of_the_promised_size(int count)
    {
        var ids = Ids("random", count + 1);
        var section = WholeTraceIndexWriter.Build(ids.AsSpan(0, count));
        if (count >= 8) Assert.InRange(section.Length, count * 8, (count * 8.5) + 12);
        var reader = new WholeTraceIndex(section, "index");
        Span<int> found = stackalloc int[1];
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(1, reader.Find(ids[i], found, block));
            Assert.Equal(i, found[0]);
        }
        Assert.Equal(0, reader.Find(ids[count], found, block));
    }

    [Fact]
    public void An_id_at_several_places_gives_all_of_them_in_order_even_where_the_room_is_short()
    {
        var same = new TraceId(1, 2);
        var ids = Ids("random", 10_000);
        foreach (var i in new[] { 3, 77, 9_000, 9_001 }) ids[i] = same;
        var reader = new WholeTraceIndex(WholeTraceIndexWriter.Build(ids), "index");
        var found = new int[4];
        Assert.Equal(4, reader.Find(same, found, block));
        Assert.Equal([3, 77, 9_000, 9_001], found);
        Assert.Equal(4, reader.Find(same, found.AsSpan(0, 2), block));
        Assert.Equal([3, 77], found[..2]);
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_answer_wrongly_but_never_break()
    {
        var random = new Random(11);
        var ids = Ids("random", 200);
        var whole = WholeTraceIndexWriter.Build(ids);
        Span<int> found = stackalloc int[200];
        for (var round = 0; round < TestScale.Of(5_000); round++)
        {
            var section = whole.ToArray();
            for (var hits = random.Next(1, 4); hits > 0; hits--) section[random.Next(section.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) section = section[..random.Next(section.Length)];
            try
            {
                var count = new WholeTraceIndex(section, "index").Find(ids[random.Next(ids.Length)], found, block);
                for (var i = 0; i < count; i++) Assert.InRange(found[i], 0, ids.Length - 1);
            }
            catch (CorruptFileException)
            {
                // What a reader may say.
            }
        }
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
