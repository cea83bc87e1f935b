// Evaluates a predicate about text once per entry of a dictionary, rather than once per row.
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Texts that equal or contain another.</summary>
internal static class DictionarySearch
{
    /// <summary>The codes of a column's dictionary whose text satisfies the predicate.</summary>
    public static NumberTest Find(SegmentReader reader, int column, PreparedPredicate predicate)
    {
        var dictionary = reader.Dictionary(reader.Columns[column].Dictionary);
        if (!predicate.IsContains) return dictionary.Find(predicate.Text.Utf8) is >= 0 and var code ? NumberTest.Equal(code) : NumberTest.None;
        var found = new bool[dictionary.Count];
        for (var b = 0; b < dictionary.BlockCount; b++)
        {
            var (first, strings) = dictionary.Block(b);
            var ofBlock = new ulong[(strings.Count + 63) / 64];
            TextSearch.FindContaining(strings, predicate.Text.Utf8, ofBlock);
            foreach (var entry in RowBits.Enumerate(ofBlock)) found[first + entry] = true;
        }
        return NumberTest.In(found);
    }
}
