// A segment of traces without spans: as much of a file as finding traces needs.
using System.Buffers.Binary;
using Waymark.Model.Spans;
using Waymark.Storage;
using Waymark.Storage.Catalog;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Scanning;
using Waymark.Storage.Segments;

namespace Waymark.Bench.Index;

internal static class TraceSegment
{
    public static OpenSegment Write(IFileSystem files, string directory, Guid store, ulong id, TraceId[] traces, TraceId[] continuations)
    {
        var path = new StorePaths(directory).Segment(id);
        files.CreateDirectory(Path.GetDirectoryName(path)!);
        long bytes;
        using (var writer = SegmentWriter.Create(files, path, new SegmentHeader(id, store, 0, default)))
        {
            AddColumn(writer, SegmentColumns.Trace.IdHigh, [.. traces.Select(t => (long)t.High)]);
            AddColumn(writer, SegmentColumns.Trace.IdLow, [.. traces.Select(t => (long)t.Low)]);
            using (var hashes = SortedHashes.Of(traces, TraceHash.KeyedBy(store)))
            {
                writer.AddSection(SectionKind.CompactTraceIndex, TraceIndex.Build(hashes));
                writer.AddSection(SectionKind.TraceFilter, TraceFilter.Build(hashes.Hashes)!, optional: true);
            }
            foreach (var kind in new[] { SectionKind.Shapes, SectionKind.Resources, SectionKind.Scopes, SectionKind.Contexts }) writer.AddSection(kind, new byte[4]);
            writer.AddSection(SectionKind.PageBases, []);
            var section = new byte[4 + (continuations.Length * TraceId.Bytes)];
            BinaryPrimitives.WriteInt32LittleEndian(section, continuations.Length);
            for (var i = 0; i < continuations.Length; i++) continuations[i].Write(section.AsSpan(4 + (i * TraceId.Bytes)));
            writer.AddSection(SectionKind.Continuations, section);
            bytes = writer.Finish();
        }
        return OpenSegment.Open(files, path, store, new SegmentEntry(id, bytes, 0, traces.Length, default, default, default, default, 0), new PageCache(64L << 20));
    }

    private static void AddColumn(SegmentWriter writer, ushort field, long[] values)
    {
        var column = writer.AddColumn(new ColumnKey(RowSpace.Traces, field));
        for (var at = 0; at < values.Length; at += SegmentFormat.PageRows) writer.AddPage(column, values.AsSpan(at, Math.Min(SegmentFormat.PageRows, values.Length - at)));
    }
}
