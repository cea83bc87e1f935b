// A segment taken apart and put together again with right checksums: what a faulty writer could produce.
using Waymark.Storage.Checking;
using Waymark.Storage.Columns;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Tests.Checking;

/// <summary>The values of a segment, to be changed before they are written anew.</summary>
internal sealed class SegmentCopy
{
    private readonly SegmentHeader header;
    private readonly List<ColumnInfo> columns;
    private readonly Dictionary<int, List<long[]>> numbers = [];
    private readonly Dictionary<int, List<byte[][]>> strings = [];

    public SegmentCopy(IFileSystem files, string path)
    {
        using var reader = SegmentReader.Open(files, path);
        header = reader.Header;
        columns = [.. reader.Columns];
        foreach (var column in columns)
        {
            if (SegmentCheck.HoldsStrings(column)) strings[column.Index] = [.. Enumerable.Range(0, column.PageCount).Select(page => Strings(reader, column.Index, page))];
            else numbers[column.Index] = [.. Enumerable.Range(0, column.PageCount).Select(page => NumbersOf(reader, column.Index, page))];
        }
        for (var d = 0; d < reader.DictionaryCount; d++)
        {
            var dictionary = reader.Dictionary(d);
            Dictionaries.Add([.. Enumerable.Range(0, dictionary.Count).Select(code => dictionary[code].ToArray())]);
        }
        foreach (var section in reader.Sections) Sections[section.Kind] = reader.ReadSection(section.Kind)!;
    }

    public List<byte[][]> Dictionaries { get; } = [];

    public Dictionary<SectionKind, byte[]> Sections { get; } = [];

    public IReadOnlyList<ColumnInfo> Columns => columns;

    /// <summary>First pages to be written in an encoding of the test's choice.</summary>
    public Dictionary<(RowSpace, ushort), (PageEncoding Encoding, byte[] Bytes)> Encoded { get; } = [];

    /// <summary>The pages of a column of numbers.</summary>
    public List<long[]> Pages(RowSpace space, ushort field) => numbers[columns.Single(c => c.Key == new ColumnKey(space, field)).Index];

    public List<long[]> Pages(ColumnInfo column) => numbers[column.Index];

    public void Write(IFileSystem files, string path)
    {
        using var writer = SegmentWriter.Create(files, path, header);
        foreach (var entries in Dictionaries)
        {
            var (heap, ends) = Heap(entries);
            writer.AddDictionary(heap, ends);
        }
        foreach (var column in columns) writer.AddColumn(column.Key, column.Dictionary);
        for (var page = 0; page < columns.Max(c => c.PageCount); page++)
        {
            foreach (var column in columns.Where(c => page < c.PageCount))
            {
                if (numbers.TryGetValue(column.Index, out var pages))
                {
                    if (page == 0 && Encoded.TryGetValue((column.Key.Space, column.Key.Field), out var chosen))
                    {
                        writer.AddPage(column.Index, pages[page].Length, pages[page].Min(), pages[page].Max(), chosen.Encoding, PageCodec.None, chosen.Bytes);
                        continue;
                    }
                    writer.AddPage(column.Index, pages[page]);
                    continue;
                }
                var (heap, ends) = Heap(strings[column.Index][page]);
                writer.AddPage(column.Index, heap, ends);
            }
        }
        foreach (var (kind, content) in Sections) writer.AddSection(kind, content);
        writer.Finish();
    }

    private static long[] NumbersOf(SegmentReader reader, int column, int page)
    {
        var values = new long[SegmentFormat.PageRows];
        return values[..reader.ReadNumbers(column, page, values)];
    }

    private static byte[][] Strings(SegmentReader reader, int column, int page)
    {
        var read = reader.ReadBytes(column, page);
        return [.. Enumerable.Range(0, read.Count).Select(i => read[i].ToArray())];
    }

    private static (byte[] Heap, int[] Ends) Heap(byte[][] texts)
    {
        var ends = new int[texts.Length];
        for (var i = 0; i < texts.Length; i++) ends[i] = (i == 0 ? 0 : ends[i - 1]) + texts[i].Length;
        return ([.. texts.SelectMany(t => t)], ends);
    }
}
