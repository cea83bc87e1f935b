// Filters over pages of texts: never a wrong no, seldom a wrong yes, and a page that could not be read may hold anything.
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class TextFilterTests
{
    [Fact]
    public void A_text_is_found_in_every_page_that_has_it_and_in_few_others()
    {
        var random = new Random(5);
        var pages = Enumerable.Range(0, 90).Select(p => Enumerable.Range(0, p % 7 == 0 ? 1 : random.Next(1, 3_000)).Select(_ => Hash(random)).ToArray()).ToArray();
        var builder = new TextFilter.Builder(pages.Length);
        foreach (var page in pages) builder.Add(page);
        var filter = builder.Build();
        var found = new ulong[2];
        for (var p = 0; p < pages.Length; p++)
        {
            foreach (var hash in pages[p])
            {
                filter.Find(hash, found);
                Assert.True((found[p >> 6] >> p & 1) != 0);
            }
        }
        var wrong = 0;
        for (var n = 0; n < 2_000; n++)
        {
            filter.Find(Hash(random), found);
            wrong += RowBits.Count(found);
        }
        Assert.InRange(wrong / (2_000.0 * pages.Length), 0, 0.02);
        Assert.InRange(filter.Bytes, 0, pages.Sum(p => (p.Length * 10L / 8) + 64 + 4) + 200);
    }

    [Fact]
    public void A_page_that_is_not_known_may_hold_anything()
    {
        var builder = new TextFilter.Builder(3);
        builder.Add([]);
        builder.Add([TextFilter.HashOf("a"u8)]);
        builder.Add([]);
        var found = new ulong[1];
        builder.Build().Find(TextFilter.HashOf("something else"u8), found);
        Assert.Equal(0b101UL, found[0]);
    }

    private static ulong Hash(Random random) => TextFilter.HashOf(TextSamples.Make("mixed", random));
}
