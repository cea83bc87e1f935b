// Pages of texts: they come back whole, in part and by search, cost what their variables cost, and damage is refused.
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Storage.Columns;
using Waymark.Storage.Scanning;

namespace Waymark.Storage.Tests.Columns;

public sealed class StringsPageTests
{
    private static readonly int[] Counts = [1, 2, 17, 64, 300, 8_192];

    public static TheoryData<string> Kinds => [.. TextSamples.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_page_comes_back_whole(string kind)
    {
        using var encoder = new StringsPageEncoder();
        var choices = new StringsPageChoices();
        foreach (var (values, random) in Columns(kind))
        {
            var stored = Encode(encoder, choices, values, random);
            foreach (var pooled in new[] { true, false })
            {
                Assert.True(StringsPage.TryDecode(stored, values.Length, pooled, out var back));
                Same(values, back);
                if (!pooled) Assert.Equal(values.Sum(v => v.Length), back.Heap.Length);
            }
            var places = new int[values.Length];
            Assert.True(StringsPage.TryDecodeDistinct(stored, places, pooled: false, out var distinct));
            Assert.Equal(values.Select(Convert.ToHexString).Distinct().Count(), distinct.Count);
            for (var i = 0; i < values.Length; i++) Assert.True(distinct[places[i]].SequenceEqual(values[i]));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_index_reads_each_value_and_tells_equal_ones_from_others(string kind)
    {
        using var encoder = new StringsPageEncoder();
        foreach (var (values, random) in Columns(kind))
        {
            var stored = Encode(encoder, new StringsPageChoices(), values, random);
            Assert.True(StringsPageIndex.TryBuild(stored, values.Length, out var index));
            var numbers = new Dictionary<int, string>();
            byte[] room = [];
            foreach (var row in Enumerable.Range(0, values.Length).OrderBy(_ => random.Next()))
            {
                var number = index.ValueOf(row);
                Assert.True(index.TryRead(stored, number, ref room, out var text));
                Assert.True(text.SequenceEqual(values[row]));
                if (!numbers.TryAdd(number, Convert.ToHexString(text))) Assert.Equal(numbers[number], Convert.ToHexString(text));
            }
            Assert.Equal(numbers.Count, numbers.Values.Distinct().Count());
            Assert.Throws<ArgumentOutOfRangeException>(() => index.ValueOf(values.Length));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_page_hashes_its_values_as_they_are_hashed_alone(string kind)
    {
        using var encoder = new StringsPageEncoder();
        foreach (var (values, random) in Columns(kind))
        {
            var stored = Encode(encoder, new StringsPageChoices(), values, random);
            var hashes = new ulong[values.Length];
            Assert.True(StringsPageSearch.TryHash(stored, values.Length, hashes, out var distinct));
            Assert.Equal(values.Select(v => TextFilter.HashOf(v)).ToHashSet(), hashes[..distinct].ToHashSet());
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Searching_finds_the_rows_that_looking_at_each_finds(string kind)
    {
        using var encoder = new StringsPageEncoder();
        foreach (var (values, random) in Columns(kind))
        {
            var stored = Encode(encoder, new StringsPageChoices(), values, random);
            for (var round = 0; round < 6; round++)
            {
                var present = values[random.Next(values.Length)];
                var text = round switch
                {
                    0 or 1 => present,
                    2 => TextSamples.Make(kind, random),
                    3 => [.. present, (byte)'0'],
                    4 => present[..(present.Length / 2)],
                    _ => [],
                };
                var bits = new ulong[(values.Length + 63) / 64];
                bits[0] = 1;
                Assert.True(StringsPageSearch.TryFindEqual(stored, values.Length, text, bits));
                for (var i = 0; i < values.Length; i++) Assert.Equal(i == 0 || values[i].AsSpan().SequenceEqual(text), (bits[i >> 6] >> i & 1) != 0);

                text = present[(present.Length / 3)..(present.Length / 2)];
                bits = new ulong[(values.Length + 63) / 64];
                Assert.True(StringsPageSearch.TryFindContaining(stored, values.Length, text, bits));
                for (var i = 0; i < values.Length; i++) Assert.Equal(values[i].AsSpan().IndexOf(text) >= 0, (bits[i >> 6] >> i & 1) != 0);
                // Put together once, the page is searched with the same result.
                var kept = new ulong[bits.Length];
                PageTexts.Of(stored, values.Length)!.FindContaining(text, kept);
                Assert.Equal(bits, kept);
            }
        }
    }

    [Fact]
    public void Codes_that_repeat_a_text_cost_no_more_than_equal_codes()
    {
        using var encoder = new StringsPageEncoder();
        var random = new Random(8);
        var values = TextSamples.Column("mixed", random, 5_000, repeats: 0.5);
        var byText = new Dictionary<string, int>();
        var exact = values.Select((v, i) => byText.TryGetValue(Convert.ToHexString(v), out var first) ? first : byText[Convert.ToHexString(v)] = i).ToArray();
        var sloppy = exact.Select((code, i) => random.Next(2) == 0 ? code : i).ToArray();
        var (heap, ends) = TextSamples.Heap(values);
        var pages = new List<byte[]>();
        foreach (var codes in new[] { exact, sloppy })
        {
            using var into = new PooledBuffer();
            Assert.True(encoder.TryEncode(codes, new HeapTexts(heap, ends, 0), new StringsPageChoices(), into, out var plan));
            Assert.Equal(into.Length, plan.Bytes);
            Assert.Equal(into.Length, encoder.EstimateBytes(codes, new HeapTexts(heap, ends, 0), new StringsPageChoices()));
            Assert.Equal((values.Min(v => v.Length), values.Max(v => v.Length)), (plan.Shortest, plan.Longest));
            Assert.Equal(heap.Length + (4L * ends.Length), plan.RawBytes);
            pages.Add(into.WrittenSpan.ToArray());
        }
        Assert.Equal(pages[0], pages[1]);
    }

    /// <summary>Bytes per value, a little above what the variables alone are.</summary>
    [Theory]
    [InlineData("uuid", 15.4)]
    [InlineData("uuid7", 11.4)]
    [InlineData("order", 4.3)]
    [InlineData("ipv4", 4.0)]
    [InlineData("url", 7.3)]
    [InlineData("sql", 5.3)]
    [InlineData("base62", 16.3)]
    [InlineData("hex32", 16.1)]
    public void A_value_costs_about_what_its_variables_do(string kind, double most)
    {
        using var encoder = new StringsPageEncoder();
        var values = TextSamples.Column(kind, new Random(4), 8_192, repeats: 0);
        var perValue = (double)Encode(encoder, new StringsPageChoices(), values, new Random(4)).Length / values.Length;
        Assert.True(perValue <= most, $"{perValue:0.00} B per {kind}");
        // Rows of one trace repeat its value.
        values = [.. values.Take(1_024).SelectMany(v => Enumerable.Repeat(v, 8))];
        var repeated = (double)Encode(encoder, new StringsPageChoices(), values, new Random(4)).Length / values.Length;
        Assert.True(repeated <= (most + 1) / 8, $"{repeated:0.00} B per repeated {kind}");
    }

    [Fact]
    public void Long_texts_and_pages_of_one_value_are_kept()
    {
        using var encoder = new StringsPageEncoder();
        var random = new Random(12);
        byte[][][] columns =
        [
            [TextSamples.Random(random, 65_536), TextSamples.Random(random, 65_536), []],
            [[.. Enumerable.Repeat((byte)'7', 65_536)], [.. Enumerable.Repeat((byte)'7', 65_535), (byte)'x']],
            [.. Enumerable.Repeat(Encoding.ASCII.GetBytes("always the same"), 8_192)],
            [.. Enumerable.Range(0, 40).Select(i => Encoding.ASCII.GetBytes(new string('a', 60_000) + "/" + i))],
            [[.. Enumerable.Repeat((byte)0xFF, 65_536)]],
        ];
        foreach (var values in columns)
        {
            var stored = Encode(encoder, new StringsPageChoices(), values, random);
            Assert.True(StringsPage.TryDecode(stored, values.Length, pooled: true, out var back));
            Same(values, back);
        }
        Assert.True(Encode(encoder, new StringsPageChoices(), columns[2], random).Length < 40);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Damaged_pages_are_read_or_refused_but_never_believed_beyond_their_bytes(string kind)
    {
        using var encoder = new StringsPageEncoder();
        var random = new Random(31);
        var bits = new ulong[128];
        foreach (var count in new[] { 1, 20, 700 })
        {
            var values = TextSamples.Column(kind, random, count, repeats: 0.4);
            var stored = Encode(encoder, new StringsPageChoices(), values, random);
            for (var round = 0; round < TestScale.Of(400); round++)
            {
                var damaged = TextSamples.Damaged(stored, random);
                var wanted = random.Next(4) == 0 ? random.Next(-1, 9_000) : count;
                if (StringsPage.TryDecode(damaged, wanted, pooled: false, out var back))
                {
                    Assert.Equal(wanted, back.Count);
                    for (var i = 0; i < back.Count; i++) _ = back[i].Length;
                }
                if (wanted is < 0 or > 8_192) continue;
                StringsPageSearch.TryFindEqual(damaged, wanted, values[0], bits);
                StringsPageSearch.TryFindContaining(damaged, wanted, "1"u8, bits);
                StringsPageSearch.TryHash(damaged, wanted, new ulong[Math.Max(0, wanted)], out _);
                if (wanted > 0 && PageTexts.AreWorthKeeping(damaged, wanted)) PageTexts.Of(damaged, wanted)?.FindContaining("1"u8, bits);
                if (!StringsPageIndex.TryBuild(damaged, wanted, out var index)) continue;
                byte[] room = [];
                var isWhole = StringsPage.TryDecode(damaged, wanted, pooled: false, out var whole);
                for (var row = 0; row < wanted; row++)
                {
                    var isRead = index.TryRead(damaged, index.ValueOf(row), ref room, out var text);
                    if (isWhole) Assert.True(isRead && text.SequenceEqual(whole[row]));
                }
                if (!isWhole) continue;
                // A filter made of the page says no to none of its texts that a search finds in it.
                var hashes = new ulong[wanted];
                Assert.True(StringsPageSearch.TryHash(damaged, wanted, hashes, out var distinct));
                for (var row = 0; row < wanted; row += 1 + (wanted / 20))
                {
                    Array.Clear(bits);
                    if (!StringsPageSearch.TryFindEqual(damaged, wanted, whole[row], bits) || !bits.AsSpan().ContainsAnyExcept(0UL)) continue;
                    Assert.Contains(TextFilter.HashOf(whole[row]), hashes[..distinct]);
                }
            }
        }
    }

    [Fact]
    public void A_page_whose_values_would_not_fit_memory_is_neither_written_nor_read()
    {
        using var encoder = new StringsPageEncoder();
        using var into = new PooledBuffer();
        var text = new byte[40_000];
        var codes = new int[8_192];
        Assert.False(encoder.TryEncode(codes, new HeapTexts(text, [text.Length], 0), new StringsPageChoices(), into, out _));
        Assert.Equal(0, into.Length);
        Assert.Equal(long.MaxValue, encoder.EstimateBytes(codes, new HeapTexts(text, [text.Length], 0), new StringsPageChoices()));

        // One distinct value, said to be 8,192 rows long: reading it as values is refused, as distinct ones it is small.
        Assert.True(encoder.TryEncode(codes.AsSpan(0, 4_096), new HeapTexts(text, [text.Length], 0), new StringsPageChoices(), into, out _));
        var stored = into.WrittenSpan.ToArray();
        Assert.True(StringsPage.TryDecodeDistinct(stored, new int[4_096], pooled: false, out var distinct));
        Assert.Equal(1, distinct.Count);
    }

    [Fact]
    public void A_warm_encoder_allocates_nothing()
    {
        using var encoder = new StringsPageEncoder();
        using var into = new PooledBuffer(1 << 20);
        var (heap, ends) = TextSamples.Heap(TextSamples.Column("mixed", new Random(3), 8_192, repeats: 0.3));
        var choices = new StringsPageChoices();
        for (var i = 0; i < 3; i++) Page();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Page();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Page()
        {
            into.Clear();
            if (!encoder.TryEncode(heap, ends, 0, areDistinct: false, choices, into, out _)) throw new InvalidOperationException();
        }
    }

    private static IEnumerable<(byte[][] Values, Random Random)> Columns(string kind)
    {
        var random = new Random(kind.Length);
        foreach (var count in Counts)
        {
            foreach (var repeats in count < 8_192 ? [0, 0.3, 0.95] : new[] { 0.6 }) yield return (TextSamples.Column(kind, random, count, repeats), random);
        }
    }

    /// <summary>By codes, some of them for texts that have others too.</summary>
    private static byte[] Encode(StringsPageEncoder encoder, StringsPageChoices choices, byte[][] values, Random random)
    {
        using var into = new PooledBuffer();
        var (heap, ends) = TextSamples.Heap(values);
        StringsPagePlan plan;
        if (random.Next(2) == 0)
        {
            Assert.True(encoder.TryEncode(heap, ends, 0, areDistinct: false, choices, into, out plan));
        }
        else
        {
            var byText = new Dictionary<string, int>();
            var codes = values.Select((v, i) => random.Next(3) == 0 ? i : byText.TryGetValue(Convert.ToHexString(v), out var first) ? first : byText[Convert.ToHexString(v)] = i).ToArray();
            Assert.True(encoder.TryEncode(codes, new HeapTexts(heap, ends, 0), choices, into, out plan));
        }
        Assert.True(plan.Bytes <= plan.RawBytes + 40, "no worse than raw");
        return into.WrittenSpan.ToArray();
    }

    private static void Same(byte[][] expected, ByteStrings actual)
    {
        Assert.Equal(expected.Length, actual.Count);
        for (var i = 0; i < expected.Length; i++)
        {
            if (!actual[i].SequenceEqual(expected[i])) Assert.Fail($"value {i}: {Convert.ToHexString(expected[i])} became {Convert.ToHexString(actual[i])}");
        }
    }
}
