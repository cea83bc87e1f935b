// Dictionaries of a segment: entries by code, codes by entry, from many threads.
using System.Globalization;
using System.Text;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Columns;

namespace Waymark.Storage.Tests.Segments;

public sealed class SegmentDictionaryTests
{
    [Fact]
    public void Every_entry_of_a_dictionary_of_many_blocks_is_found_and_neighbours_are_not()
    {
        var random = new Random(3);
        var texts = new SortedSet<string>(StringComparer.Ordinal) { "" };
        while (texts.Count < 20_000) texts.Add(string.Create(CultureInfo.InvariantCulture, $"/api/{random.Next(50)}/orders/{random.Next():x}"));
        using var segment = With([.. texts.Select(Encoding.UTF8.GetBytes)], out var entries);
        var dictionary = segment.Dictionary(0);
        Assert.Same(dictionary, segment.Dictionary(0));
        Assert.Equal(entries.Length, dictionary.Count);
        for (var code = 0; code < entries.Length; code++)
        {
            Assert.True(dictionary[code].SequenceEqual(entries[code]));
            Assert.Equal(code, dictionary.Find(entries[code]));
            // The entry with a zero byte behind it lies directly after it.
            var after = entries[code].Append((byte)0).ToArray();
            Assert.Equal(-1, dictionary.Find(after));
            Assert.Equal(code + 1, dictionary.LowerBound(after));
        }
        Assert.Equal(-1, dictionary.Find("zzz"u8));
        Assert.Equal(entries.Length, dictionary.LowerBound("zzz"u8));
        Assert.Throws<ArgumentOutOfRangeException>(() => dictionary[-1].Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => dictionary[entries.Length].Length);
    }

    public static TheoryData<string> Kinds => [.. TextSamples.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Entries_of_every_kind_are_found_by_code_and_by_text(string kind)
    {
        using var segment = With(TextSamples.Sorted(kind, new Random(9), 6_000), out var entries);
        var dictionary = segment.Dictionary(0);
        for (var code = 0; code < entries.Length; code++)
        {
            Assert.True(dictionary[code].SequenceEqual(entries[code]));
            if (code % 7 == 0) Assert.Equal(code, dictionary.Find(entries[code]));
        }
        var bytes = 0;
        for (var block = 0; block < dictionary.BlockCount; block++)
        {
            var read = dictionary.ReadBlock(block, out var memory);
            Assert.True(memory >= read.Heap.Length + (4 * read.Count));
            bytes += read.Heap.Length;
        }
        Assert.Equal(entries.Sum(e => e.Length), bytes);
    }

    /// <summary>Bytes per entry: what its variables take, less what sorting saves, where its text takes 13 to 90.</summary>
    [Theory]
    [InlineData("uuid", 14.5)]
    [InlineData("order", 3.4)]
    [InlineData("ipv4", 2.3)]
    [InlineData("url", 8.2)]
    [InlineData("sql", 6.2)]
    [InlineData("base62", 16.5)]
    public void A_large_dictionary_of_ids_costs_about_what_their_variables_do(string kind, double most)
    {
        var segment = Written(TextSamples.Sorted(kind, new Random(10), 50_000), out var entries, out var bytes);
        segment.Dispose();
        Assert.True((double)bytes / entries.Length <= most, $"{(double)bytes / entries.Length:0.00} B per {kind}");
    }

    [Fact]
    public void Entries_around_and_above_a_block_are_kept_whole()
    {
        byte[][] wanted =
        [
            [1],
            Filled(2, SegmentFormat.DictionaryBlockBytes - 4),
            Filled(3, SegmentFormat.DictionaryBlockBytes - 3),
            Filled(4, 1_000_000),
            [.. Filled(4, 1_000_000), 0],
            [5],
            [0xFF, 0xFF],
        ];
        using var segment = With(wanted, out var entries);
        var dictionary = segment.Dictionary(0);
        for (var code = 0; code < entries.Length; code++)
        {
            Assert.True(dictionary[code].SequenceEqual(entries[code]));
            Assert.Equal(code, dictionary.Find(entries[code]));
        }
        Assert.Equal(-1, dictionary.Find([2]));
        Assert.Equal(-1, dictionary.Find([]));
    }

    [Fact]
    public void An_empty_dictionary_finds_nothing()
    {
        using var segment = With([], out _);
        Assert.Equal(0, segment.Dictionary(0).Count);
        Assert.Equal(-1, segment.Dictionary(0).Find("a"u8));
        Assert.Equal(0, segment.Dictionary(0).LowerBound("a"u8));
    }

    [Fact]
    public async Task Many_threads_may_look_up_at_once()
    {
        using var segment = With([.. Enumerable.Range(0, 30_000).Select(i => Encoding.UTF8.GetBytes(i.ToString("d8", CultureInfo.InvariantCulture)))], out var entries);
        await Parallel.ForAsync(0, 8, (seed, _) =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 5_000; i++)
            {
                var code = random.Next(entries.Length);
                Assert.Equal(code, segment.Dictionary(0).Find(entries[code]));
            }
            return ValueTask.CompletedTask;
        });
    }

    private static byte[] Filled(byte value, int length)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, value);
        return bytes;
    }

    private static SegmentReader With(byte[][] sorted, out byte[][] entries) => Written(sorted, out entries, out _);

    private static SegmentReader Written(byte[][] sorted, out byte[][] entries, out long bytes)
    {
        entries = sorted;
        Array.Sort(entries, (a, b) => a.AsSpan().SequenceCompareTo(b));
        var fs = new MemoryFileSystem();
        using (var writer = SegmentWriter.Create(fs, "/s", SampleSegment.Header))
        {
            var (heap, ends) = TextSamples.Heap(entries);
            Assert.Equal(0, writer.AddDictionary(heap, ends));
            bytes = writer.Finish();
        }
        return SegmentReader.Open(fs, "/s");
    }
}
