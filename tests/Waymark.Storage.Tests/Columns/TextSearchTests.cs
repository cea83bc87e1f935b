// One search over many texts against a search in each.
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class TextSearchTests
{
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
            var found = new ulong[1];
            TextSearch.FindContaining(strings, System.Text.Encoding.UTF8.GetBytes(wanted), found);
            Assert.Equal(texts.Select(t => t.Contains(wanted, StringComparison.Ordinal)), Enumerable.Range(0, texts.Count).Select(i => (found[0] >> i & 1) != 0));
        }
    }
}
