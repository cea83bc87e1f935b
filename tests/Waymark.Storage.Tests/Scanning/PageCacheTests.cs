// The page cache: verified once, bounded, never freeing what is in someone's hands.
using Waymark.Storage.Scanning;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.Columns;
using Waymark.Storage.Tests.Segments;

namespace Waymark.Storage.Tests.Scanning;

public sealed class PageCacheTests
{
    private const int Pages = 40;

    [Fact]
    public void A_page_is_read_from_the_file_once_and_then_from_memory()
    {
        var files = Write();
        using var reader = SegmentReader.Open(files, "/s");
        using var pages = new SegmentPages(reader, new PageCache(1 << 20));
        byte[] first;
        using (var pin = pages.Pin(0, 3)) first = pin.Bytes.ToArray();
        // What the file says from now on is no matter.
        Damage(files, reader.Page(0, 3).Offset);
        using (var pin = pages.Pin(0, 3)) Assert.Equal(first, pin.Bytes.ToArray());
        using var others = new SegmentPages(reader, new PageCache(1 << 20));
        Assert.Throws<CorruptFileException>(() => others.Pin(0, 3));
    }

    [Fact]
    public void The_capacity_is_kept_and_what_is_pinned_stays()
    {
        var files = Write();
        using var reader = SegmentReader.Open(files, "/s");
        var bytes = reader.Page(0, 0).Bytes;
        var cache = new PageCache(bytes * 5L);
        using var pages = new SegmentPages(reader, cache);
        var held = pages.Pin(0, 0);
        var content = held.Bytes.ToArray();
        for (var round = 0; round < 3; round++)
        {
            for (var page = 1; page < Pages; page++)
            {
                using (var pin = pages.Pin(0, page)) Assert.Equal(Expected(reader, page), pin.Bytes.ToArray());
                Assert.InRange(cache.Bytes, bytes, bytes * 5L);
            }
        }
        Assert.Equal(content, held.Bytes.ToArray());
        held.Dispose();
        Assert.InRange(cache.Count, 1, 5);
    }

    [Fact]
    public void A_cache_without_room_keeps_nothing_and_still_serves()
    {
        var files = Write();
        using var reader = SegmentReader.Open(files, "/s");
        using var pages = new SegmentPages(reader, PageCache.None);
        using (var one = pages.Pin(0, 1))
        using (var two = pages.Pin(0, 1))
        {
            Assert.Equal(one.Bytes.ToArray(), two.Bytes.ToArray());
        }
        using (var again = pages.Pin(0, 1)) Assert.Equal(Expected(reader, 1), again.Bytes.ToArray());
        Assert.Equal(0, PageCache.None.Bytes);
    }

    [Fact]
    public void A_segment_that_closes_takes_its_pages_along()
    {
        var files = Write();
        using var reader = SegmentReader.Open(files, "/s");
        var cache = new PageCache(1 << 20);
        using var others = new SegmentPages(reader, cache);
        using (others.Pin(0, 7))
        {
        }
        var kept = cache.Bytes;
        var pages = new SegmentPages(reader, cache);
        for (var page = 0; page < Pages; page++) pages.Pin(0, page).Dispose();
        var held = pages.Pin(0, 5);
        pages.Dispose();
        Assert.Equal(kept, cache.Bytes);
        // Whoever holds a page may go on reading it.
        Assert.Equal(Expected(reader, 5), held.Bytes.ToArray());
        held.Dispose();
    }

    [Fact]
    public void Objects_are_kept_by_what_they_say_they_take_and_made_again_when_they_went()
    {
        var cache = new PageCache(1_000);
        var objects = new CachedObject<string>[20];
        for (var k = 0; k < objects.Length; k++)
        {
            objects[k] = new CachedObject<string>(cache);
            Assert.Null(objects[k].Value);
            Assert.Equal($"object {k}", objects[k].Keep($"object {k}", 200));
            Assert.Equal($"object {k}", objects[k].Value);
            Assert.InRange(cache.Bytes, 200, 1_000);
        }
        Assert.Equal(5, objects.Count(o => o.Value is not null));
        var large = new CachedObject<string>(cache);
        Assert.Equal("large", large.Keep("large", 1_001));
        Assert.Null(large.Value);
        foreach (var kept in objects) kept.Dispose();
        Assert.Equal((0, 0), (cache.Bytes, cache.Count));
    }

    [Fact]
    public void Filters_take_no_more_than_three_quarters_and_give_their_room_back()
    {
        var cache = new PageCache(1_000);
        var filters = new List<CachedObject<string>>();
        for (; cache.HasRoomForFilter; filters[^1].Keep("filter", 250)) filters.Add(new CachedObject<string>(cache, isFilter: true));
        Assert.Equal(3, filters.Count);
        // What nobody asks goes for what somebody does.
        for (var k = 0; k < 40; k++) new CachedObject<string>(cache).Keep("other", 250);
        Assert.True(cache.HasRoomForFilter);
        foreach (var filter in filters) filter.Dispose();
        Assert.True(cache.HasRoomForFilter);
        Assert.False(PageCache.None.HasRoomForFilter);
    }

    [Fact]
    public async Task Many_threads_see_whole_pages_while_a_small_cache_turns_over()
    {
        var files = Write();
        using var reader = SegmentReader.Open(files, "/s");
        var expected = Enumerable.Range(0, Pages).Select(page => Expected(reader, page)).ToArray();
        var cache = new PageCache(reader.Page(0, 0).Bytes * 3L);
        using var pages = new SegmentPages(reader, cache);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var random = new Random(worker);
            for (var k = 0; k < TestScale.Of(4_000); k++)
            {
                var page = random.Next(Pages);
                using var pin = pages.Pin(0, page);
                Assert.True(pin.Bytes.SequenceEqual(expected[page]));
            }
        })));
        Assert.InRange(cache.Bytes, 0, reader.Page(0, 0).Bytes * 3L);
    }

    /// <summary>A segment of a column with some pages.</summary>
    internal static SegmentReader OpenPages() => SegmentReader.Open(Write(), "/s");

    private static byte[] Expected(SegmentReader reader, int page)
    {
        var bytes = new byte[reader.Page(0, page).Bytes];
        reader.ReadStored(reader.Page(0, page), bytes);
        return bytes;
    }

    /// <summary>A column of numbers whose pages take the same room each.</summary>
    private static MemoryFileSystem Write()
    {
        var files = new MemoryFileSystem();
        using var writer = SegmentWriter.Create(files, "/s", SampleSegment.Header);
        writer.AddColumn(new ColumnKey(RowSpace.Spans, 1));
        for (var page = 0; page < Pages; page++)
        {
            var random = new Random(page);
            var numbers = new long[1_024];
            for (var i = 0; i < numbers.Length; i++) numbers[i] = random.Next(1 << 20);
            numbers[0] = 0;
            numbers[1] = (1 << 20) - 1;
            writer.AddPage(0, numbers);
        }
        writer.AddSection(SectionKind.TraceIndex, []);
        writer.Finish();
        return files;
    }

    private static void Damage(MemoryFileSystem files, long offset) => files["/s"][(int)offset] ^= 1;
}
