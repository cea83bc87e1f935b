// Opens a segment and reads pages, dictionaries and sections by position. Opening reads header, footer and directory; page lists are parsed when a column is first asked for.
// Failures: CorruptFileException for what contradicts itself, NewerFormatException for what this version doesn't know, other IOExceptions as the file system throws them.
using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Scanning;

namespace Waymark.Storage.Segments;

/// <summary>A sealed segment, open for reading. Any number of threads until disposed; whoever disposes it knows that nobody reads any more.</summary>
internal sealed class SegmentReader : IDisposable
{
    private readonly IFile file;
    private readonly byte[] directory;
    private readonly long directoryOffset;
    private readonly List<Column> columns = [];
    private readonly List<ColumnInfo> infos = [];
    private readonly Dictionary<ColumnKey, int> keys = [];
    private readonly List<DictionaryEntry> dictionaries = [];
    private readonly SegmentDictionary?[] opened;
    private readonly List<Section> sections = [];
    private byte[]? contextUnits;

    /// <summary>Optional ones of a kind this version doesn't know.</summary>
    private readonly List<Section> unknownSections = [];

    private SegmentReader(IFile file, PageCache cache)
    {
        this.file = file;
        Cache = cache;
        Path = file.Path;
        FileBytes = file.Length;
        Header = ReadHeader();
        (directory, directoryOffset) = ReadDirectory();
        Parse();
        opened = new SegmentDictionary?[dictionaries.Count];
    }

    public string Path { get; }

    public SegmentHeader Header { get; }

    /// <summary>Length of the file in bytes.</summary>
    public long FileBytes { get; }

    /// <summary>In the order they were added; a column's index is its position.</summary>
    public IReadOnlyList<ColumnInfo> Columns => infos;

    public int DictionaryCount => dictionaries.Count;

    /// <summary>Opens and checks a file; one that fails is closed again.</summary>
    /// <param name="cache">Where dictionaries keep their blocks; null: as long as the reader lives.</param>
    public static SegmentReader Open(IFileSystem fs, string path, PageCache? cache = null)
    {
        var opening = fs.OpenRead(path);
        try
        {
            return new SegmentReader(opening, cache ?? new PageCache(long.MaxValue));
        }
        catch
        {
            opening.Dispose();
            throw;
        }
    }

    /// <summary>The index of a column, −1 if the segment has none.</summary>
    public int FindColumn(ColumnKey key) => keys.GetValueOrDefault(key, -1);

    public PageInfo Page(int column, int page) => Pages(column)[page];

    /// <summary>All pages of a column, in row order.</summary>
    public ReadOnlySpan<PageInfo> Pages(int column) => Volatile.Read(ref columns[column].Pages) ?? ParsePages(columns[column]);

    /// <summary>Reads a page's numbers into the front of <paramref name="into"/>, which must have room, and returns how many there are.</summary>
    public int ReadNumbers(int column, int page, Span<long> into)
    {
        var info = Numbers(column, page, into.Length);
        if (info.Count == 0) return 0;
        var stored = ArrayPool<byte>.Shared.Rent(info.Bytes);
        try
        {
            ReadChecked(info.Offset, stored.AsSpan(0, info.Bytes), info.Crc, "page");
            DecodeNumbers(column, page, stored.AsSpan(0, info.Bytes), into[..info.Count]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
        return info.Count;
    }

    /// <summary>The same for columns whose numbers fit 32 bits; a page with others is corrupt.</summary>
    public int ReadNumbers(int column, int page, Span<int> into)
    {
        var info = Numbers(column, page, into.Length);
        if (info.Count == 0) return 0;
        if (info.Min < int.MinValue || info.Max > int.MaxValue) throw new CorruptFileException(Path, info.Offset, $"numbers from {info.Min} to {info.Max} where 32 bits are expected");
        var stored = ArrayPool<byte>.Shared.Rent(info.Bytes);
        try
        {
            ReadChecked(info.Offset, stored.AsSpan(0, info.Bytes), info.Crc, "page");
            if (!NumberPage.TryDecode(stored.AsSpan(0, info.Bytes), info.Encoding, info.Min, info.Max, into[..info.Count])) throw Contradiction(info);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
        return info.Count;
    }

    /// <summary>Decodes the stored bytes of a page, which have passed their checksum, into exactly as many numbers as it has.</summary>
    public void DecodeNumbers(int column, int page, ReadOnlySpan<byte> stored, Span<long> into)
    {
        var info = Pages(column)[page];
        var isDecoded = info.Encoding is PageEncoding.Starts or PageEncoding.Durations
            ? DecodeTimes(column, page, stored, info.Encoding, into)
            : NumberPage.TryDecode(stored, info.Encoding, info.Min, info.Max, into);
        if (!isDecoded) throw Contradiction(info);
    }

    private bool DecodeTimes(int column, int page, ReadOnlySpan<byte> stored, PageEncoding encoding, Span<long> into)
    {
        var units = ArrayPool<byte>.Shared.Rent(into.Length);
        try
        {
            ReadUnits(column, page, units.AsSpan(0, into.Length));
            return encoding == PageEncoding.Starts
                ? TimePage.TryDecodeStarts(stored, units.AsSpan(0, into.Length), into)
                : TimePage.TryDecodeDurations(stored, units.AsSpan(0, into.Length), into);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(units);
        }
    }

    /// <summary>The clock units of a page's rows: for spans by their contexts, for all else nanoseconds.</summary>
    public void ReadUnits(int column, int page, Span<byte> units)
    {
        units.Clear();
        if (infos[column].Key.Space != RowSpace.Spans) return;
        var byContext = contextUnits ??= ReadSection(SectionKind.ContextUnits) ?? throw Corrupt(0, "pages of times without a section of clock units");
        var contexts = ArrayPool<int>.Shared.Rent(units.Length);
        try
        {
            var ofContexts = FindColumn(new ColumnKey(RowSpace.Spans, SegmentColumns.Span.Context));
            var count = ofContexts >= 0 && page < infos[ofContexts].PageCount ? Page(ofContexts, page).Count : 0;
            if (count != units.Length) throw Corrupt(0, $"{count} contexts for {units.Length} times");
            ReadNumbers(ofContexts, page, contexts.AsSpan(0, count));
            for (var i = 0; i < units.Length; i++)
            {
                if ((uint)contexts[i] >= (uint)byContext.Length) throw Corrupt(0, $"context {contexts[i]} of {byContext.Length}");
                units[i] = byContext[contexts[i]];
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(contexts);
        }
    }

    /// <summary>Reads a page of byte strings. The heap is from <see cref="ArrayPool{T}.Shared"/>: the caller may give it back when done.</summary>
    public ByteStrings ReadBytes(int column, int page)
    {
        var info = Pages(column)[page];
        if (info.Count == 0) return ByteStrings.None;
        CheckKnown(info.Encoding, info.Codec);
        var stored = ArrayPool<byte>.Shared.Rent(info.Bytes);
        var isKept = false;
        try
        {
            var bytes = stored.AsSpan(0, info.Bytes);
            ReadChecked(info.Offset, bytes, info.Crc, "page");
            var values = DecodeBytes(info, bytes);
            // Encoding 4 is read in place; what is put together anew has a heap of its own.
            isKept = info.Encoding == PageEncoding.Bytes;
            return isKept ? values with { Heap = stored } : values;
        }
        finally
        {
            if (!isKept) ArrayPool<byte>.Shared.Return(stored);
        }
    }

    /// <summary>The texts of a page from its stored bytes, which have passed their checksum. In encoding 4 they lie in those bytes: the heap is the caller's to name.</summary>
    internal ByteStrings DecodeBytes(in PageInfo info, ReadOnlySpan<byte> stored)
    {
        if (info.Codec != PageCodec.None) throw new CorruptFileException(Path, info.Offset, $"a page of byte strings has codec {info.Codec}");
        switch (info.Encoding)
        {
            case PageEncoding.Bytes:
                if (BytesPage.TryReadEnds(stored, info.Count, out var ends)) return new ByteStrings([], ends) { Offset = info.Count * 4 };
                break;
            case PageEncoding.Strings:
                if (StringsPage.TryDecode(stored, info.Count, pooled: true, out var values)) return values;
                break;
            default:
                throw new CorruptFileException(Path, info.Offset, $"a page of byte strings has encoding {info.Encoding}");
        }
        throw new CorruptFileException(Path, info.Offset, $"page: {info.Count} byte strings in encoding {info.Encoding} don't fit {info.Bytes} bytes");
    }

    /// <summary>A dictionary of the segment; the same object every time.</summary>
    public SegmentDictionary Dictionary(int index)
    {
        var known = Volatile.Read(ref opened[index]);
        if (known is not null) return known;
        var made = SegmentDictionary.Open(this, dictionaries[index]);
        return Interlocked.CompareExchange(ref opened[index], made, null) ?? made;
    }

    /// <summary>The bytes of a section, null if the segment has none of that kind.</summary>
    public byte[]? ReadSection(SectionKind kind)
    {
        if (!TryFind(kind, out var section)) return null;
        var content = new byte[section.Length];
        ReadChecked(section.Offset, content, section.Crc, $"section {kind}");
        return content;
    }

    /// <summary>The clock unit of each context.</summary>
    public byte[] ContextUnits => contextUnits ??= ReadSection(SectionKind.ContextUnits) ?? throw Corrupt(0, "pages of times without a section of clock units");

    /// <summary>The bytes of a page as they are stored, verified, into exactly as many bytes; <see cref="CheckPage"/> comes first.</summary>
    internal void ReadStored(in PageInfo info, Span<byte> into) => ReadChecked(info.Offset, into, info.Crc, "page");

    /// <summary>That a page is of a kind this program reads, and that a page of numbers has as many bytes as its values need.</summary>
    internal void CheckPage(in PageInfo info)
    {
        if (info.Count == 0) return;
        CheckKnown(info.Encoding, info.Codec);
        if (info.Encoding is not (PageEncoding.Bytes or PageEncoding.Strings)) CheckNumbers(info);
    }

    /// <summary>The length of a section, −1 if the segment has none of that kind.</summary>
    public int SectionBytes(SectionKind kind) => TryFind(kind, out var section) ? section.Length : -1;

    /// <summary>Reads a part of a section that is there and whose parts have checksums of their own: the caller verifies them.</summary>
    public void ReadSectionPart(SectionKind kind, int offset, Span<byte> into)
    {
        if (!TryFind(kind, out var section) || offset < 0 || into.Length > section.Length - offset) throw CorruptSection(kind, offset, "it ends early");
        if (file.Read(into, section.Offset + offset) != into.Length) throw CorruptSection(kind, offset, "the file ends early");
    }

    /// <summary>What to throw when the content of a section is wrong, at an offset within it.</summary>
    public CorruptFileException CorruptSection(SectionKind kind, int offset, string what) => new(Path, (TryFind(kind, out var section) ? section.Offset : 0) + offset, $"section {kind}: {what}");

    public void Dispose()
    {
        foreach (var dictionary in opened) dictionary?.Forget();
        file.Dispose();
    }

    /// <summary>Reads bytes whose place has been checked; their checksum is verified before anyone sees them.</summary>
    internal void ReadChecked(long offset, Span<byte> into, uint crc, string what)
    {
        if (into.IsEmpty && crc == 0) return;
        int read;
        try
        {
            read = file.Read(into, offset);
        }
        catch (IOException refused)
        {
            // A bad sector costs a query what a wrong checksum does: this part, not the whole answer.
            throw new CorruptFileException(Path, offset, what, refused);
        }
        if (read != into.Length) throw new CorruptFileException(Path, offset, $"{what}: the file ends early");
        if (Crc32C.Compute(into) != crc) throw new CorruptFileException(Path, offset, $"{what}: wrong checksum");
    }

    internal void CheckKnown(PageEncoding encoding, PageCodec codec)
    {
        if (encoding > PageEncoding.Decimals) throw new NewerFormatException(Path, $"encoding {(int)encoding}");
        if (codec > PageCodec.Zlib) throw new NewerFormatException(Path, $"codec {(int)codec}");
    }

    /// <summary>Every section, known or not: for whoever looks at the file rather than at its spans.</summary>
    internal IEnumerable<Section> Sections => sections.Concat(unknownSections);

    /// <summary>Where a dictionary's block list lies.</summary>
    internal DictionaryEntry DictionaryEntry(int index) => dictionaries[index];

    /// <summary>Where what is decoded is kept.</summary>
    internal PageCache Cache { get; }

    internal int DirectoryBytes => directory.Length;

    internal DirectoryCursor Cursor(int start, int length) => new(directory.AsSpan(start, length), Path, directoryOffset + start);

    /// <summary>Where pages, blocks and sections end and the directory starts.</summary>
    internal long DataEnd => directoryOffset;

    private SegmentHeader ReadHeader()
    {
        Span<byte> bytes = stackalloc byte[SegmentFormat.HeaderBytes];
        if (FileBytes < SegmentFormat.HeaderBytes || file.Read(bytes, 0) != bytes.Length) throw Corrupt(0, $"{FileBytes} bytes are too few for a header");
        if (!bytes.StartsWith(SegmentFormat.HeaderMagic)) throw Corrupt(0, "not a segment file");
        if (Crc32C.Compute(bytes[..60]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..])) throw Corrupt(0, "header: wrong checksum");
        var major = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (major > SegmentFormat.Major) throw new NewerFormatException(Path, $"segment format {major}, this program knows up to {SegmentFormat.Major}");
        if (major == 0) throw Corrupt(8, "format version 0");
        return new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            new Guid(bytes.Slice(24, 16), bigEndian: true),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]),
            new UnixNanos(BinaryPrimitives.ReadInt64LittleEndian(bytes[40..])));
    }

    private (byte[] Bytes, long Offset) ReadDirectory()
    {
        var footerAt = FileBytes - SegmentFormat.FooterBytes;
        if (footerAt < SegmentFormat.HeaderBytes) throw Corrupt(0, $"{FileBytes} bytes are too few for header and footer");
        Span<byte> bytes = stackalloc byte[SegmentFormat.FooterBytes];
        if (file.Read(bytes, footerAt) != bytes.Length) throw Corrupt(footerAt, "footer: the file ends early");
        if (!bytes[56..].SequenceEqual(SegmentFormat.FooterMagic)) throw Corrupt(footerAt, "footer: not the end of a segment file (cut off?)");
        if (Crc32C.Compute(bytes[..52]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[52..])) throw Corrupt(footerAt, "footer: wrong checksum");
        if (BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]) != FileBytes) throw Corrupt(footerAt, $"footer: the file has {FileBytes} bytes, not as many as written");
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]) != Header.SegmentId) throw Corrupt(footerAt, "footer: another segment's");
        var offset = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var length = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        if (offset < SegmentFormat.HeaderBytes || length < 0 || length > Array.MaxLength || offset > footerAt - length) throw Corrupt(footerAt, "footer: the directory is outside the file");
        var content = new byte[length];
        ReadChecked(offset, content, BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]), "directory");
        return (content, offset);
    }

    private void Parse()
    {
        var cursor = Cursor(0, directory.Length);
        var columnCount = cursor.Varint(SegmentFormat.MaxColumns, "columns");
        for (var i = 0; i < columnCount; i++) ParseColumn(ref cursor);
        var dictionaryCount = cursor.Varint(directory.Length, "dictionaries");
        for (var i = 0; i < dictionaryCount; i++)
        {
            var entries = (int)cursor.Varint(int.MaxValue, "dictionary entries");
            var blocks = (int)cursor.Varint(Math.Min(entries, directory.Length), "dictionary blocks");
            var length = cursor.Prefixed().Length;
            dictionaries.Add(new DictionaryEntry(i, entries, blocks, cursor.Position - length, length));
        }
        foreach (var info in infos)
        {
            if (info.Dictionary >= dictionaries.Count) throw cursor.Corrupt($"column {info.Index} names dictionary {info.Dictionary} of {dictionaries.Count}");
        }
        var sectionCount = cursor.Varint(directory.Length / SegmentFormat.SectionBytes, "sections");
        for (var i = 0; i < sectionCount; i++) ParseSection(ref cursor);
        if (!cursor.AtEnd) throw cursor.Corrupt("the directory has more bytes than content");
    }

    private void ParseColumn(ref DirectoryCursor cursor)
    {
        var space = (RowSpace)cursor.Byte();
        var field = (ushort)cursor.Varint(ushort.MaxValue, "field");
        var scope = (AttributeScope)cursor.Byte();
        var type = (AttributeType)cursor.Byte();
        var key = new ColumnKey(space, field, scope, type, Encoding.UTF8.GetString(cursor.Prefixed()));
        var dictionary = (int)cursor.Varint(int.MaxValue, "dictionary") - 1;
        cursor.Varint(ushort.MaxValue, "flags");
        var pages = (int)cursor.Varint(directory.Length, "pages");
        var values = cursor.Varint((long)pages * SegmentFormat.PageRows, "values");
        var length = cursor.Prefixed().Length;
        if (!keys.TryAdd(key, infos.Count)) throw cursor.Corrupt($"column {key} twice");
        infos.Add(new ColumnInfo(infos.Count, key, dictionary, pages, values));
        columns.Add(new Column(infos[^1], cursor.Position - length, length));
    }

    private void ParseSection(ref DirectoryCursor cursor)
    {
        var kind = (SectionKind)cursor.Word16();
        var optional = (cursor.Word16() & 1) != 0;
        cursor.Word32();
        var offset = cursor.Word64();
        var length = cursor.Word64();
        var codec = (PageCodec)cursor.Byte();
        var crc = cursor.Word32();
        var end = (ulong)directoryOffset;
        if (offset < SegmentFormat.HeaderBytes || length > (ulong)Array.MaxLength || offset > end || length > end - offset) throw cursor.Corrupt($"section {(int)kind} is outside the file's data");
        if (!Enum.IsDefined(kind))
        {
            if (!optional) throw new NewerFormatException(Path, $"section kind {(int)kind}");
            unknownSections.Add(new Section(kind, (long)offset, (int)length, codec, crc));
            return;
        }
        if (sections.Exists(s => s.Kind == kind)) throw cursor.Corrupt($"section {kind} twice");
        sections.Add(new Section(kind, (long)offset, (int)length, codec, crc));
    }

    private PageInfo[] ParsePages(Column column)
    {
        var cursor = Cursor(column.ListStart, column.ListLength);
        // An entry has at least one byte.
        if (column.Info.PageCount > column.ListLength) throw cursor.Corrupt($"{column.Info.PageCount} pages in {column.ListLength} bytes");
        var pages = new PageInfo[column.Info.PageCount];
        long previousMin = 0, previousEnd = 0, values = 0;
        for (var i = 0; i < pages.Length; i++)
        {
            pages[i] = cursor.Page(ref previousMin, ref previousEnd, directoryOffset);
            values += pages[i].Count;
        }
        if (!cursor.AtEnd || values != column.Info.Values) throw cursor.Corrupt($"the page list of column {column.Info.Index} disagrees with its head");
        Volatile.Write(ref column.Pages, pages);
        return pages;
    }

    private PageInfo Numbers(int column, int page, int room)
    {
        var info = Pages(column)[page];
        if (info.Count == 0) return info;
        ArgumentOutOfRangeException.ThrowIfLessThan(room, info.Count);
        CheckKnown(info.Encoding, info.Codec);
        CheckNumbers(info);
        return info;
    }

    /// <summary>Not texts, and of the encodings whose length is told by the directory the right one; the others tell when they are decoded.</summary>
    private void CheckNumbers(in PageInfo info)
    {
        if (info.Codec != PageCodec.None || info.Encoding is PageEncoding.Bytes or PageEncoding.Strings or PageEncoding.FrontCoded) throw new CorruptFileException(Path, info.Offset, $"a page of numbers has encoding {info.Encoding}, codec {info.Codec}");
        if (info.Encoding > PageEncoding.Sequential) return;
        var expected = NumberPage.StoredBytes(info.Encoding, info.Min, info.Max, info.Count);
        if (expected != info.Bytes) throw new CorruptFileException(Path, info.Offset, $"a page of {info.Count} numbers in encoding {info.Encoding} has {info.Bytes} bytes, not {expected}");
    }

    private CorruptFileException Contradiction(in PageInfo info) => new(Path, info.Offset, $"a page of {info.Count} numbers in encoding {info.Encoding} contradicts itself");

    private bool TryFind(SectionKind kind, out Section found)
    {
        foreach (var section in sections)
        {
            if (section.Kind != kind) continue;
            if (section.Codec != PageCodec.None) throw new NewerFormatException(Path, $"codec {section.Codec} of section {kind}");
            found = section;
            return true;
        }
        found = default;
        return false;
    }

    private CorruptFileException Corrupt(long offset, string what) => new(Path, offset, what);

    private sealed class Column(ColumnInfo info, int listStart, int listLength)
    {
        public PageInfo[]? Pages;

        public ColumnInfo Info { get; } = info;
        public int ListStart { get; } = listStart;
        public int ListLength { get; } = listLength;
    }

}

/// <summary>A section as the directory describes it.</summary>
internal readonly record struct Section(SectionKind Kind, long Offset, int Length, PageCodec Codec, uint Crc);

/// <summary>Where in the directory a dictionary's block list lies.</summary>
internal readonly record struct DictionaryEntry(int Index, int Entries, int Blocks, int ListStart, int ListLength);
