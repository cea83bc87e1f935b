// Everything that must be true of one segment file: bytes against checksums, pages against their directory entries, dictionaries against their order; what the rows mean is SegmentRowsCheck's.
using System.Buffers;
using Waymark.Model.Spans;
using Waymark.Storage.Catalog;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Head;
using Waymark.Storage.Scanning;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Checking;

/// <summary>Checks one segment through the readers that queries use, so that whatever encoding they understand is understood here. Findings, never exceptions, for what is in the file.</summary>
internal sealed class SegmentCheck
{
    private readonly SegmentReader reader;

    /// <summary>The file as queries open it; null when they can't.</summary>
    private readonly OpenSegment? segment;
    private readonly Findings findings;
    private readonly Action<long> onBytes;
    private readonly CancellationToken cancellation;
    private readonly HashSet<int> brokenColumns = [];
    private long pages;

    private SegmentCheck(SegmentReader reader, OpenSegment? segment, Findings findings, Action<long> onBytes, CancellationToken cancellation)
    {
        this.reader = reader;
        this.segment = segment;
        this.findings = findings;
        this.onBytes = onBytes;
        this.cancellation = cancellation;
    }

    public string Path => reader.Path;

    /// <summary>Checks the file; returns its spans, traces and pages, as far as they could be told.</summary>
    /// <param name="listed">What the manifest says of it; null when it is not held against a manifest.</param>
    /// <param name="onBytes">Told the bytes of each part once it has been read.</param>
    public static (long Spans, long Traces, long Pages) Run(
        IFileSystem files, string path, Guid storeId, SegmentEntry? listed, Findings findings, Action<long> onBytes, CancellationToken cancellation)
    {
        SegmentReader? file = null;
        Guard(findings, path, "", Remedies.SegmentUnreadable, () => file = SegmentReader.Open(files, path));
        if (file is null) return default;
        using (file)
        {
            OpenSegment? open = null;
            var entry = listed ?? Describe(file);
            Guard(findings, path, "", Remedies.SegmentUnreadable, () => open = OpenSegment.Open(files, path, listed is null ? file.Header.StoreId : storeId, entry, PageCache.None));
            using (open)
            {
                var check = new SegmentCheck(file, open, findings, onBytes, cancellation);
                Guard(findings, path, "", Remedies.Segment, check.Run);
                return (entry.Spans, entry.Traces, check.pages);
            }
        }
    }

    /// <summary>Runs one step; what is wrong in the file becomes a finding.</summary>
    /// <returns>False when the step did not come to its end.</returns>
    public static bool Guard(Findings findings, string path, string where, string remedy, Action step)
    {
        try
        {
            step();
            return true;
        }
        catch (NewerFormatException newer)
        {
            findings.Newer(path, newer.What + where);
        }
        catch (CorruptFileException corrupt)
        {
            findings.Damage(path, corrupt.Offset, (corrupt.InnerException is { } refused ? $"{corrupt.What} can't be read: {refused.Message}" : corrupt.What) + where, remedy);
        }
        catch (IOException unreadable)
        {
            findings.Damage(path, null, unreadable.Message + where, remedy);
        }
        catch (Exception error) when (error is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            findings.Damage(path, null, $"content that contradicts itself{where}: {error.Message}", Remedies.Contradiction);
        }
        return false;
    }

    /// <summary>The file as it describes itself.</summary>
    private static SegmentEntry Describe(SegmentReader reader)
    {
        long Values(RowSpace space, ushort field) => reader.FindColumn(new ColumnKey(space, field)) is >= 0 and var column ? reader.Columns[column].Values : 0;
        return new SegmentEntry(
            reader.Header.SegmentId, reader.FileBytes, Values(RowSpace.Spans, SegmentColumns.Span.Id), Values(RowSpace.Traces, SegmentColumns.Trace.IdHigh), default, default, default, default, reader.Header.Tenant);
    }

    private void Run()
    {
        CheckParts();
        for (var d = 0; d < reader.DictionaryCount; d++) CheckDictionary(d);
        foreach (var column in reader.Columns) CheckColumn(column);
        var sections = CheckSections();
        if (segment is null) return;
        if (!sections || Enum.GetValues<RowSpace>().Any(IsUnfit))
        {
            findings.Notice(Path, null, "whether its rows fit together was not checked: columns that tell it are broken");
            return;
        }
        using var rows = new SegmentRowsCheck(segment, findings, cancellation);
        rows.Run();
    }

    /// <summary>Whether one of the fixed columns of a row space could not be read.</summary>
    private bool IsUnfit(RowSpace space) => reader.Columns.Any(c => c.Key.Space == space && (c.Key.Field < SegmentColumns.Attribute) && brokenColumns.Contains(c.Index));

    /// <summary>Every page list and block list can be read, and no two parts share a byte.</summary>
    private void CheckParts()
    {
        var parts = SegmentParts.All(reader);
        for (var i = 1; i < parts.Count; i++)
        {
            if (parts[i].Offset < parts[i - 1].Offset + parts[i - 1].Bytes) findings.Damage(Path, parts[i].Offset, $"{Describe(parts[i])} overlaps {Describe(parts[i - 1])}", Remedies.Contradiction);
        }
        onBytes(SegmentFormat.HeaderBytes + SegmentFormat.FooterBytes + reader.DirectoryBytes);
    }

    private void CheckDictionary(int index)
    {
        var blocks = SegmentParts.Blocks(reader, index);
        SegmentDictionary? dictionary = null;
        Guard(findings, Path, UsersOf(index), Remedies.Segment, () => dictionary = reader.Dictionary(index));
        byte[]? last = null;
        foreach (var block in blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            onBytes(block.Bytes);
            if (dictionary is null) continue;
            byte[]? end = null;
            Guard(findings, Path, UsersOf(index), Remedies.Segment, () => end = CheckBlock(index, dictionary, block, last));
            last = end;
        }
    }

    /// <summary>Entries ascend, without a repeat, from the block before on; and each end of the block is found where it stands, so its separator is right.</summary>
    private byte[] CheckBlock(int index, SegmentDictionary dictionary, DictionaryBlock block, byte[]? previous)
    {
        var last = previous;
        for (var code = block.FirstCode; code < block.FirstCode + block.Entries; code++)
        {
            var entry = dictionary[code];
            if (last is not null && entry.SequenceCompareTo(last) <= 0)
            {
                findings.Damage(Path, block.Offset, $"dictionary {index} is out of order at code {code}", Remedies.Contradiction);
                return entry.ToArray();
            }
            last = entry.ToArray();
        }
        foreach (var code in new[] { block.FirstCode, block.FirstCode + block.Entries - 1 })
        {
            if (dictionary.Find(dictionary[code]) != code) findings.Damage(Path, block.Offset, $"code {code} of dictionary {index} is not found by its text: a block's separator is wrong", Remedies.Contradiction);
        }
        return last!;
    }

    private void CheckColumn(ColumnInfo column)
    {
        var name = SegmentParts.Name(column.Key);
        for (var page = 0; page < column.PageCount; page++)
        {
            cancellation.ThrowIfCancellationRequested();
            var info = reader.Page(column.Index, page);
            pages++;
            onBytes(info.Bytes);
            var place = page;
            var isRead = Guard(findings, Path, $" (page {page} of {name})", Remedies.Segment, () =>
            {
                if (HoldsStrings(column)) CheckStrings(column, place, info, name);
                else CheckNumbers(column, place, info, name);
            });
            if (!isRead) brokenColumns.Add(column.Index);
        }
    }

    /// <summary>True for columns whose values are byte strings, not numbers or codes.</summary>
    public static bool HoldsStrings(ColumnInfo column) =>
        column.Key.Field == SegmentColumns.OverflowAttribute || (column.Key.Field == SegmentColumns.Attribute && AttributeColumn.HasContent(column.Key.Type) && column.Dictionary < 0);

    private void CheckNumbers(ColumnInfo column, int page, PageInfo info, string name)
    {
        if (info.Count == 0) return;
        var rented = ArrayPool<long>.Shared.Rent(info.Count);
        try
        {
            var count = reader.ReadNumbers(column.Index, page, rented);
            var values = rented.AsSpan(0, count);
            long min = long.MaxValue, max = long.MinValue;
            foreach (var value in values)
            {
                min = Math.Min(min, value);
                max = Math.Max(max, value);
            }
            if (count != info.Count) Contradict(column, info, $"page {page} of {name} has {count} values, the directory says {info.Count}");
            else if (min != info.Min || max != info.Max) Contradict(column, info, $"page {page} of {name} holds {min} to {max}, the directory says {info.Min} to {info.Max}");
            CheckRange(column, page, info, name, min, max);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(rented);
        }
    }

    /// <summary>Codes are of the dictionary; enumerations hold what they can.</summary>
    private void CheckRange(ColumnInfo column, int page, PageInfo info, string name, long min, long max)
    {
        if (column.Dictionary >= 0)
        {
            var entries = reader.DictionaryEntry(column.Dictionary).Entries;
            var isPlusOne = IsCodePlusOne(column.Key);
            if (min < 0 || max >= entries + (isPlusOne ? 1 : 0)) Contradict(column, info, $"page {page} of {name} holds codes {min} to {max} of a dictionary of {entries}");
            return;
        }
        var (low, high) = column.Key switch
        {
            { Field: SegmentColumns.Attribute, Type: AttributeType.Bool } => (0, 1),
            { Field: SegmentColumns.Attribute, Type: AttributeType.Empty } => (0, 0),
            { Space: RowSpace.Spans, Field: SegmentColumns.Span.Context } => (0, (segment?.Contexts.Length ?? int.MaxValue) - 1),
            { Space: RowSpace.Spans, Field: SegmentColumns.Span.Shape } => (0, (segment?.Shapes.Length ?? int.MaxValue) - 1),
            { Space: RowSpace.Events, Field: SegmentColumns.Event.Shape } => (0, (segment?.Shapes.Length ?? int.MaxValue) - 1),
            { Space: RowSpace.Links, Field: SegmentColumns.Link.Shape } => (0, (segment?.Shapes.Length ?? int.MaxValue) - 1),
            { Space: RowSpace.Traces, Field: SegmentColumns.Trace.RootContext } => (0, (segment?.Contexts.Length ?? int.MaxValue) - 1),
            { Space: RowSpace.Spans, Field: SegmentColumns.Span.Start or SegmentColumns.Span.EventCount or SegmentColumns.Span.LinkCount } => (0, long.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        if (min < low || max > high) Contradict(column, info, $"page {page} of {name} holds {min} to {max}, where {low} to {high} is possible");
    }

    /// <summary>Columns in which 0 means none.</summary>
    public static bool IsCodePlusOne(in ColumnKey key) => key is
        { Space: RowSpace.Spans, Field: SegmentColumns.Span.StatusMessage or SegmentColumns.Span.TraceState }
        or { Space: RowSpace.Links, Field: SegmentColumns.Link.TraceState }
        or { Space: RowSpace.Traces, Field: SegmentColumns.Trace.RootName };

    private void CheckStrings(ColumnInfo column, int page, PageInfo info, string name)
    {
        if (info.Count == 0) return;
        var strings = reader.ReadBytes(column.Index, page);
        long shortest = long.MaxValue, longest = 0;
        for (var i = 0; i < strings.Count; i++)
        {
            shortest = Math.Min(shortest, strings[i].Length);
            longest = Math.Max(longest, strings[i].Length);
        }
        if (strings.Count != info.Count) Contradict(column, info, $"page {page} of {name} has {strings.Count} values, the directory says {info.Count}");
        else if (shortest != info.Min || longest != info.Max) Contradict(column, info, $"page {page} of {name} holds texts of {shortest} to {longest} bytes, the directory says {info.Min} to {info.Max}");
    }

    /// <summary>Every section's bytes are what was written, and those that queries decode late can be decoded.</summary>
    private bool CheckSections()
    {
        var isSound = true;
        foreach (var section in reader.Sections)
        {
            onBytes(section.Length);
            isSound &= Guard(findings, Path, "", Remedies.Segment, () =>
            {
                if (Enum.IsDefined(section.Kind))
                {
                    reader.ReadSection(section.Kind);
                    return;
                }
                reader.ReadChecked(section.Offset, new byte[section.Length], section.Crc, $"section {(int)section.Kind}");
                findings.Newer(Path, $"section kind {(int)section.Kind}");
            });
        }
        return isSound;
    }

    private void Contradict(ColumnInfo column, PageInfo info, string what)
    {
        brokenColumns.Add(column.Index);
        findings.Damage(Path, info.Offset, what, Remedies.Contradiction);
    }

    private string UsersOf(int dictionary) => $" ({string.Join(", ", reader.Columns.Where(c => c.Dictionary == dictionary).Select(c => SegmentParts.Name(c.Key)))})";

    private string Describe(SegmentPart part) => part.Kind switch
    {
        PartKind.Page => $"page {part.Piece} of {SegmentParts.Name(reader.Columns[part.Index].Key)}",
        PartKind.DictionaryBlock => $"block {part.Piece} of dictionary {part.Index}",
        PartKind.Section => $"section {(SectionKind)part.Index}",
        _ => $"the {part.Kind.ToString().ToLowerInvariant()}",
    };
}
