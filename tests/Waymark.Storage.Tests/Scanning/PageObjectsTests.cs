// Objects kept beside pages: within the cache's limit, and gone with their segment.
using Waymark.Storage.Scanning;

namespace Waymark.Storage.Tests.Scanning;

public sealed class PageObjectsTests
{
    [Fact]
    public void An_object_is_found_again_until_others_need_its_place()
    {
        using var reader = PageCacheTests.OpenPages();
        var cache = new PageCache(1_000);
        using var objects = new PageObjects<string>(reader, cache);
        Assert.False(objects.TryGet(0, 3, out _));
        Assert.Equal("three", objects.Keep(0, 3, "three", 400));
        Assert.True(objects.TryGet(0, 3, out var kept));
        Assert.Equal("three", kept);
        for (var page = 4; page < 10; page++) objects.Keep(0, page, "other", 400);
        Assert.False(objects.TryGet(0, 3, out _));
        Assert.InRange(cache.Bytes, 400, 1_000);
        Assert.Equal("large", objects.Keep(0, 3, "large", 2_000));
        Assert.False(objects.TryGet(0, 3, out _));
    }

    [Fact]
    public void An_object_is_worth_making_the_second_fourth_and_eighth_time()
    {
        using var reader = PageCacheTests.OpenPages();
        using var objects = new PageObjects<string>(reader, new PageCache(1_000));
        Assert.Equal([2, 4, 8], Enumerable.Range(1, 15).Where(_ => objects.IsWorthMaking(0, 1)));
        Assert.False(objects.IsWorthMaking(0, 2));
    }

    [Fact]
    public void What_is_disposed_leaves_nothing_in_the_cache()
    {
        using var reader = PageCacheTests.OpenPages();
        var cache = new PageCache(1_000);
        var objects = new PageObjects<string>(reader, cache);
        objects.Keep(0, 1, "one", 100);
        objects.Keep(0, 2, "two", 100);
        objects.Dispose();
        Assert.Equal(0, cache.Bytes);
    }
}
