// The kernels of measurements against loops, for every length that leaves a rest.
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.Scanning.Measuring;

namespace Waymark.Storage.Tests.Scanning;

public sealed class CodeKernelTests
{
    private static readonly int[] Lengths = [0, 1, 7, 8, 63, 64, 65, 200, 8191, 8192];

    [Theory]
    [InlineData(3)]
    [InlineData(200)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(100_000)]
    public void A_set_of_codes_selects_its_members(int capacity)
    {
        var random = new Random(capacity);
        foreach (var length in Lengths)
        {
            var codes = Enumerable.Range(0, length).Select(_ => random.Next(capacity)).ToArray();
            var members = Enumerable.Range(0, capacity).Select(_ => random.Next(3) == 0).ToArray();
            var first = random.Next(capacity);
            foreach (var set in new[] { CodeSet.Where(capacity, c => members[c]), CodeSet.Single(first, capacity), CodeSet.Single(-1, capacity), CodeSet.Where(capacity, _ => true), CodeSet.Where(capacity, c => c >= first) })
            {
                var bits = NewBits();
                set.Select(codes, bits);
                Assert.Equal(codes.Select(set.Contains), Bits(bits, length));
            }
        }
    }

    [Fact]
    public void Between_includes_both_ends()
    {
        var random = new Random(1);
        int[] edges = [int.MinValue, -1, 0, 1, 7, int.MaxValue];
        foreach (var length in Lengths)
        {
            var values = Enumerable.Range(0, length).Select(_ => random.Next(4) == 0 ? edges[random.Next(edges.Length)] : random.Next(-10, 10)).ToArray();
            var wide = values.Select(v => random.Next(9) == 0 ? (long)v << 31 : v).ToArray();
            foreach (var (low, high) in edges.SelectMany(a => edges.Where(b => a <= b).Select(b => (a, b))))
            {
                var bits = NewBits();
                CodeKernels.Between(values, low, high, bits);
                Assert.Equal(values.Select(v => low <= v && v <= high), Bits(bits, length));
                CodeKernels.Between(wide, low, high, bits);
                Assert.Equal(wide.Select(v => low <= v && v <= high), Bits(bits, length));
            }
        }
    }

    [Theory]
    [InlineData(30)]
    [InlineData(51)]
    [InlineData(52)]
    [InlineData(62)]
    public void Durations_get_the_buckets_that_are_defined_for_them(int bits)
    {
        var random = new Random(bits);
        var durations = Enumerable.Range(0, 4_000).Select(i => i < 200 ? i - 20 : (1L << random.Next(bits + 1)) + random.Next(-2, 3)).Append((1L << bits) - 1).ToArray();
        var buckets = new int[durations.Length];
        CodeKernels.Buckets(durations, durations.Max(), buckets);
        Assert.Equal(durations.Select(d => LogBuckets.Of(Math.Max(0, d))), buckets);
    }

    [Fact]
    public void Values_of_some_rows_are_expanded_to_where_the_rows_are()
    {
        var random = new Random(2);
        for (var round = 0; round < 200; round++)
        {
            var (presence, values, into) = (NewBits(), NewBits(), NewBits());
            into.AsSpan().Clear();
            var density = random.NextDouble();
            for (var r = 0; r < 8192; r++) presence[r / 64] |= random.NextDouble() < density ? 1ul << (r % 64) : 0;
            presence.AsSpan().CopyTo(values);
            for (var i = 0; i < presence.Length; i++) presence[i] &= (ulong)random.NextInt64();
            values.AsSpan().Clear();
            var (at, expected) = (0, new bool[8192]);
            for (var r = 0; r < 8192; r++)
            {
                if ((presence[r / 64] >> (r % 64) & 1) == 0) continue;
                expected[r] = random.Next(2) == 0;
                if (expected[r]) values[at / 64] |= 1ul << (at % 64);
                at++;
            }
            Selection.OrExpanded(values, presence, into);
            Assert.Equal(expected, Bits(into, 8192));
        }
    }

    [Fact]
    public void Ranges_of_rows_are_set_and_taken()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var (from, to) = (random.Next(8192), random.Next(8193));
            if (from > to) (from, to) = (to, from);
            var bits = NewBits();
            bits.AsSpan().Clear();
            Selection.SetRange(bits, from, to);
            Assert.Equal(Enumerable.Range(0, 8192).Select(r => from <= r && r < to), Bits(bits, 8192));
            Selection.Fill(bits, 8192);
            Assert.Equal(from < to, Selection.TakeRange(bits, from, to));
            Assert.Equal(Enumerable.Range(0, 8192).Select(r => r < from || to <= r), Bits(bits, 8192));
            Assert.False(Selection.TakeRange(bits, from, to));
        }
    }

    [Fact]
    public void A_text_is_found_in_one_value_and_not_across_two()
    {
        var random = new Random(4);
        for (var round = 0; round < 300; round++)
        {
            var texts = Enumerable.Range(0, random.Next(1, 60)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => (char)('a' + random.Next(2))))).ToList();
            var wanted = string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => (char)('a' + random.Next(2))));
            var ends = new int[texts.Count];
            for (var i = 0; i < ends.Length; i++) ends[i] = (i == 0 ? 0 : ends[i - 1]) + texts[i].Length;
            var strings = new ByteStrings(System.Text.Encoding.UTF8.GetBytes("aa" + string.Concat(texts) + "aa"), ends) { Offset = 2 };
            var found = new bool[texts.Count];
            DictionarySearch.FindContaining(strings, System.Text.Encoding.UTF8.GetBytes(wanted), found);
            Assert.Equal(texts.Select(t => t.Contains(wanted, StringComparison.Ordinal)), found);
        }
    }

    /// <summary>Full of what must be overwritten.</summary>
    private static ulong[] NewBits()
    {
        var bits = new ulong[Selection.MaxWords];
        bits.AsSpan().Fill(0xAAAA_5555_AAAA_5555);
        return bits;
    }

    private static IEnumerable<bool> Bits(ulong[] bits, int count)
    {
        for (var i = count; i < bits.Length * 64; i++) Assert.Equal(0ul, bits[i / 64] >> (i % 64) & 1);
        return Enumerable.Range(0, count).Select(i => (bits[i / 64] >> (i % 64) & 1) != 0).ToArray();
    }
}
