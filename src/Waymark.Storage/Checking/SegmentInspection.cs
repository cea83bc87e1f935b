// A segment file laid open: who wrote it, where its bytes go, column by column, and what of it can't be read.
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using Waymark.Model.Spans;
using Waymark.Storage.Columns;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Checking;

/// <summary>Inspects one segment. Every page is read: what is shown of values is what is there, and what is broken is named.</summary>
internal sealed class SegmentInspection(IFileSystem files, string path, string? wantedColumn, CancellationToken cancellation)
{
    private static readonly ImmutableArray<InspectedField> ColumnFields =
    [
        new("column", "column", InspectedKind.Text), new("type", "type", InspectedKind.Text), new("values", "values", InspectedKind.Number), new("distinct", "distinct", InspectedKind.Number),
        new("pageBytes", "pages", InspectedKind.Bytes), new("dictionaryBytes", "dictionary", InspectedKind.Bytes), new("bytesPerSpan", "B/span", InspectedKind.Ratio),
        new("encodings", "encodings", InspectedKind.Text, IsDetail: true), new("codec", "codec", InspectedKind.Text, IsDetail: true),
        new("min", "min", InspectedKind.Text, IsDetail: true), new("max", "max", InspectedKind.Text, IsDetail: true),
    ];

    private readonly Dictionary<int, List<DictionaryBlock>> blocks = [];

    public InspectedFile Run()
    {
        var header = new byte[SegmentFormat.HeaderBytes];
        long bytes;
        using (var file = files.OpenRead(path))
        {
            bytes = file.Length;
            file.Read(header, 0);
        }
        var built = new InspectedFileBuilder(path, "segment", bytes);
        TellHeader(built, header);
        using var reader = Open(built);
        if (reader is null) return built.Build();
        TellCounts(built, reader);
        if (wantedColumn is not null) Pages(built, reader);
        else Everything(built, reader);
        return built.Build();
    }

    private static void TellHeader(InspectedFileBuilder built, ReadOnlySpan<byte> header)
    {
        var writer = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        built.Fact("version", "format version", $"{BinaryPrimitives.ReadUInt16LittleEndian(header[8..])}.{BinaryPrimitives.ReadUInt16LittleEndian(header[10..])}");
        built.Fact("writer", "written by Waymark", $"{writer / 1_000_000}.{writer / 1_000 % 1_000}.{writer % 1_000}");
        built.Fact("segmentId", "segment id", BinaryPrimitives.ReadUInt64LittleEndian(header[16..]).ToString("x16", CultureInfo.InvariantCulture));
        built.Fact("storeId", "store id", new Guid(header.Slice(24, 16), bigEndian: true).ToString());
        built.Fact("created", "sealed (UTC)", FileInspection.Time(new UnixNanos(Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(header[40..])))));
        built.Fact("tenant", "tenant", BinaryPrimitives.ReadUInt32LittleEndian(header[48..]));
    }

    private SegmentReader? Open(InspectedFileBuilder built)
    {
        SegmentReader? reader = null;
        SegmentCheck.Guard(built.Findings, path, "", Remedies.SegmentUnreadable, () => reader = SegmentReader.Open(files, path));
        if (reader is not null) return reader;
        reader = DamagedSegment.TryOpen(files, path);
        if (reader is not null) built.Findings.Notice(path, null, "what follows is what the directory says; with header or directory damaged, it may not be true");
        return reader;
    }

    private static void TellCounts(InspectedFileBuilder built, SegmentReader reader)
    {
        var spans = Values(reader, RowSpace.Spans, SegmentColumns.Span.Id);
        built.Fact("spans", "spans", spans);
        built.Fact("traces", "traces", Values(reader, RowSpace.Traces, SegmentColumns.Trace.IdHigh));
        built.Fact("events", "events", Values(reader, RowSpace.Events, SegmentColumns.Event.TimeOffset));
        built.Fact("links", "links", Values(reader, RowSpace.Links, SegmentColumns.Link.SpanId));
        built.Fact("columns", "columns", reader.Columns.Count);
        built.Fact("dictionaries", "dictionaries", reader.DictionaryCount);
        if (spans > 0) built.Ratio("bytesPerSpan", "bytes per span", (double)reader.FileBytes / spans);
        var start = reader.FindColumn(new ColumnKey(RowSpace.Spans, SegmentColumns.Span.Start));
        if (start < 0 || reader.Columns[start].PageCount == 0) return;
        SegmentCheck.Guard(built.Findings, reader.Path, "", Remedies.Segment, () =>
        {
            long min = long.MaxValue, max = 0;
            foreach (var page in reader.Pages(start)) (min, max) = (Math.Min(min, page.Min), Math.Max(max, page.Max));
            built.Fact("minStart", "starts from (UTC)", FileInspection.Time(new UnixNanos(min)));
            built.Fact("maxStart", "starts to (UTC)", FileInspection.Time(new UnixNanos(max)));
        });
    }

    private static long Values(SegmentReader reader, RowSpace space, ushort field) => reader.FindColumn(new ColumnKey(space, field)) is >= 0 and var index ? reader.Columns[index].Values : 0;

    private void Everything(InspectedFileBuilder built, SegmentReader reader)
    {
        for (var d = 0; d < reader.DictionaryCount; d++)
        {
            var index = d;
            blocks[d] = [];
            SegmentCheck.Guard(built.Findings, path, "", Remedies.Segment, () => blocks[index] = SegmentParts.Blocks(reader, index));
        }
        var spans = Math.Max(1, Values(reader, RowSpace.Spans, SegmentColumns.Span.Id));
        var users = new Dictionary<int, int>();
        var rows = new List<(long Bytes, InspectedValue[] Row)>();
        foreach (var column in reader.Columns)
        {
            cancellation.ThrowIfCancellationRequested();
            SegmentCheck.Guard(built.Findings, path, $" ({SegmentParts.Name(column.Key)})", Remedies.Segment, () =>
            {
                // A dictionary that several columns share is counted with the first.
                var dictionary = column.Dictionary >= 0 && users.TryAdd(column.Dictionary, column.Index) ? blocks[column.Dictionary].Sum(b => (long)b.Bytes) : 0;
                rows.Add(ColumnRow(built, reader, column, dictionary, spans));
            });
        }
        built.Table("columns", "columns, by size", ColumnFields, [.. rows.OrderByDescending(r => r.Bytes).Select(r => r.Row)]);
        Dictionaries(built, reader);
        Sections(built, reader, spans);
        SegmentCheck.Guard(built.Findings, path, "", Remedies.Segment, () => Totals(built, reader, spans));
    }

    private (long Bytes, InspectedValue[] Row) ColumnRow(InspectedFileBuilder built, SegmentReader reader, ColumnInfo column, long dictionaryBytes, long spans)
    {
        var pages = reader.Pages(column.Index).ToArray();
        var bytes = pages.Sum(p => (long)p.Bytes);
        var values = new ColumnValues(reader, column);
        for (var p = 0; p < pages.Length; p++)
        {
            var page = p;
            SegmentCheck.Guard(built.Findings, path, $" (page {page} of {SegmentParts.Name(column.Key)})", Remedies.Segment, () => values.Add(page));
        }
        var (min, max) = ("", "");
        SegmentCheck.Guard(built.Findings, path, $" ({SegmentParts.Name(column.Key)})", Remedies.Segment, () => (min, max) = values.Bounds());
        var type = column.Key.Field >= SegmentColumns.Attribute ? column.Key.Field == SegmentColumns.OverflowAttribute ? "several" : column.Key.Type.ToString().ToLowerInvariant() : column.Dictionary >= 0 ? "text" : "number";
        var filled = pages.Where(p => p.Count > 0).ToList();
        var encodings = string.Join(", ", filled.GroupBy(p => p.Encoding).OrderByDescending(g => g.Count()).Select(g => $"{Word(g.Key)} {g.Count()}"));
        var codecs = string.Join(", ", filled.Where(p => p.Codec != PageCodec.None).GroupBy(p => p.Codec).Select(g => $"{g.Key.ToString().ToLowerInvariant()} {g.Count()}"));
        return (bytes + dictionaryBytes,
        [
            SegmentParts.Name(column.Key), type, column.Values, values.Distinct, bytes, dictionaryBytes, (double)(bytes + dictionaryBytes) / spans, encodings, codecs.Length == 0 ? "none" : codecs, min, max,
        ]);
    }

    public static string Word(PageEncoding encoding) => Enum.IsDefined(encoding)
        ? string.Concat(encoding.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"-{char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()))
        : $"encoding {(int)encoding}";

    private void Dictionaries(InspectedFileBuilder built, SegmentReader reader)
    {
        var rows = new List<(long Bytes, InspectedValue[] Row)>();
        for (var d = 0; d < reader.DictionaryCount; d++)
        {
            var bytes = blocks[d].Sum(b => (long)b.Bytes);
            var encodings = string.Join(", ", blocks[d].GroupBy(b => (b.Encoding, b.Codec)).Select(g => $"{Word(g.Key.Encoding)}{(g.Key.Codec == PageCodec.None ? "" : $" {g.Key.Codec.ToString().ToLowerInvariant()}")} {g.Count()}"));
            var users = string.Join(", ", reader.Columns.Where(c => c.Dictionary == d).Select(c => SegmentParts.Name(c.Key)));
            rows.Add((bytes, [d, reader.DictionaryEntry(d).Entries, blocks[d].Count, bytes, encodings.Length == 0 ? "empty" : encodings, users]));
        }
        built.Table("dictionaries", "dictionaries, by size",
            [
                new("dictionary", "dictionary", InspectedKind.Number), new("entries", "entries", InspectedKind.Number), new("blocks", "blocks", InspectedKind.Number), new("bytes", "bytes", InspectedKind.Bytes),
                new("encodings", "encodings", InspectedKind.Text), new("columns", "of", InspectedKind.Text),
            ],
            [.. rows.OrderByDescending(r => r.Bytes).Select(r => r.Row)]);
    }

    private void Sections(InspectedFileBuilder built, SegmentReader reader, long spans)
    {
        var rows = new List<(long Bytes, InspectedValue[] Row)>();
        foreach (var section in reader.Sections)
        {
            var isSound = SegmentCheck.Guard(built.Findings, path, "", Remedies.Segment, () =>
            {
                if (Enum.IsDefined(section.Kind)) reader.ReadSection(section.Kind);
                else reader.ReadChecked(section.Offset, new byte[section.Length], section.Crc, $"section {(int)section.Kind}");
            });
            rows.Add((section.Length,
            [
                Enum.IsDefined(section.Kind) ? section.Kind.ToString() : $"kind {(int)section.Kind}, of a newer version", section.Length, (double)section.Length / spans, section.Codec.ToString().ToLowerInvariant(), section.Offset, isSound ? "ok" : "broken",
            ]));
        }
        built.Table("sections", "sections, by size",
            [
                new("section", "section", InspectedKind.Text), new("bytes", "bytes", InspectedKind.Bytes), new("bytesPerSpan", "B/span", InspectedKind.Ratio), new("codec", "codec", InspectedKind.Text),
                new("offset", "offset", InspectedKind.Number), new("check", "check", InspectedKind.Text),
            ],
            [.. rows.OrderByDescending(r => r.Bytes).Select(r => r.Row)]);
    }

    /// <summary>Every byte of the file once.</summary>
    private static void Totals(InspectedFileBuilder built, SegmentReader reader, long spans)
    {
        var sums = new Dictionary<string, (int Parts, long Bytes)>(StringComparer.Ordinal);
        foreach (var part in SegmentParts.All(reader))
        {
            var name = part.Kind switch
            {
                PartKind.Page => (reader.Columns[part.Index].Key.Space, reader.Columns[part.Index].Key.Field >= SegmentColumns.Attribute) switch
                {
                    (RowSpace.Spans, false) => "span fields",
                    (RowSpace.Spans, true) => "span attributes",
                    (RowSpace.Events, _) => "events",
                    (RowSpace.Links, _) => "links",
                    _ => "trace table",
                },
                PartKind.DictionaryBlock => "dictionaries",
                PartKind.Section => "sections",
                PartKind.Directory => "directory",
                _ => "header and footer",
            };
            var known = sums.GetValueOrDefault(name);
            sums[name] = (known.Parts + 1, known.Bytes + part.Bytes);
        }
        sums["alignment"] = (0, reader.FileBytes - sums.Values.Sum(s => s.Bytes));
        built.Table("totals", "where the bytes go",
            [
                new("what", "what", InspectedKind.Text), new("parts", "parts", InspectedKind.Number), new("bytes", "bytes", InspectedKind.Bytes), new("share", "%", InspectedKind.Ratio),
                new("bytesPerSpan", "B/span", InspectedKind.Ratio),
            ],
            [
                .. sums.OrderByDescending(s => s.Value.Bytes).Select(s => new InspectedValue[] { s.Key, s.Value.Parts, s.Value.Bytes, 100.0 * s.Value.Bytes / reader.FileBytes, (double)s.Value.Bytes / spans }),
                ["the whole file", sums.Values.Sum(s => s.Parts), reader.FileBytes, 100.0, (double)reader.FileBytes / spans],
            ]);
    }

    private void Pages(InspectedFileBuilder built, SegmentReader reader)
    {
        var column = reader.Columns.FirstOrDefault(c => SegmentParts.Name(c.Key) == wantedColumn || (c.Key.Field == SegmentColumns.Attribute && c.Key.Name == wantedColumn))
            ?? throw new CheckImpossibleException($"{path} has no column {wantedColumn}. Its columns: {string.Join(", ", reader.Columns.Select(c => SegmentParts.Name(c.Key)).Order(StringComparer.Ordinal))}");
        var rows = new List<InspectedValue[]>();
        for (var p = 0; p < column.PageCount; p++)
        {
            var (index, page, values) = (p, reader.Page(column.Index, p), new ColumnValues(reader, column));
            var (min, max) = ("", "");
            var isSound = SegmentCheck.Guard(built.Findings, path, $" (page {p} of {SegmentParts.Name(column.Key)})", Remedies.Segment, () =>
            {
                values.Add(index);
                (min, max) = values.Bounds();
            });
            rows.Add([p, page.Count, values.Distinct, page.Count == 0 ? "empty" : Word(page.Encoding), page.Codec.ToString().ToLowerInvariant(), page.Bytes, page.Offset, page.Crc.ToString("x8", CultureInfo.InvariantCulture), isSound ? "ok" : "broken", min, max]);
        }
        built.Table("pages", $"pages of {SegmentParts.Name(column.Key)}",
            [
                new("page", "page", InspectedKind.Number), new("values", "values", InspectedKind.Number), new("distinct", "distinct", InspectedKind.Number), new("encoding", "encoding", InspectedKind.Text),
                new("codec", "codec", InspectedKind.Text), new("bytes", "bytes", InspectedKind.Bytes), new("offset", "offset", InspectedKind.Number), new("crc", "crc", InspectedKind.Text), new("check", "check", InspectedKind.Text),
                new("min", "min", InspectedKind.Text, IsDetail: true), new("max", "max", InspectedKind.Text, IsDetail: true),
            ],
            rows);
    }
}
