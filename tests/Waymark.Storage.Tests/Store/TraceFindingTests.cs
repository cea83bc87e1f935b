// Finding traces among segments whose filters or indexes are damaged or missing: slower, and told, but never wrong.
using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Storage.Catalog;
using Waymark.Storage.Scanning;
using Waymark.Storage.Sealing;
using Waymark.Storage.Segments;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Storage.Tests.Segments;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public sealed class TraceFindingTests
{
    private static readonly Guid Store = new("00112233-4455-6677-8899-aabbccddeeff");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(SectionKind.TraceFilter))]
    [InlineData(nameof(SectionKind.CompactTraceIndex))]
    public async Task A_damaged_filter_or_index_costs_time_and_an_alarm_but_no_trace(string section)
    {
        var kind = Enum.Parse<SectionKind>(section);
        var random = new RandomSpans(3);
        List<List<NaiveSpan>> traces = [.. Enumerable.Range(0, 40).Select(_ => random.Trace())];
        await using var whole = await TestStore.OpenAsync();
        // Half of the traces in two segments.
        await whole.WriteAsync(traces.SelectMany((t, i) => i % 2 == 0 ? t : t[..((t.Count + 1) / 2)]));
        await whole.Store.SealNowAsync();
        await whole.WriteAsync(traces.Where((_, i) => i % 2 == 1).SelectMany(t => t[((t.Count + 1) / 2)..]));
        await whole.Store.DisposeAsync();

        var files = whole.Files.Restart();
        foreach (var path in files.List("/store/segments"))
        {
            using var reader = SegmentReader.Open(files, path);
            var content = reader.ReadSection(kind)!;
            files.Disk.Corrupt(path, files.Disk.Content(path).AsSpan().IndexOf(content) + content.Length - 1, 0xFF);
        }
        await using var opened = await SpanStore.OpenAsync(files, null, TestStore.SmallOptions, new OtlpBodyDecoder(), new TestTime(), NullLogger.Instance, Cancellation);
        ITraceStore store = opened;
        foreach (var trace in traces)
        {
            var block = await store.FindTraceAsync(trace[0].TraceId, Cancellation);
            Assert.Equal(trace.Count, block!.Count);
            Assert.False(block.Traces[0].IsPartial);
            Assert.Null(await store.FindTraceAsync(new TraceId(trace[0].TraceId.High + 1, trace[0].TraceId.Low), Cancellation));
        }
        await StoreComparison.AssertSameListAsync(whole.Oracle, store, traces.Count);
        Assert.All(store.GetStatus().Alarms, a => Assert.Contains(section, a, StringComparison.Ordinal));
        Assert.Equal(2, store.GetStatus().Alarms.Count);
    }

    [Fact]
    public void A_segment_of_version_1_0_without_a_filter_and_with_the_index_in_one_piece_is_searched_the_same()
    {
        var fs = new Segments.MemoryFileSystem();
        var ids = Ids(5_000, seed: 1);
        using var old = Write(fs, 1, ids, isOld: true);
        using var current = Write(fs, 2, ids, isOld: false);
        Assert.Null(old.Filter);
        Assert.NotNull(current.Filter);
        var others = Ids(5_000, seed: 2);
        foreach (var segment in new[] { old, current })
        {
            Assert.Equal(ids.Length, segment.Traces);
            using var cursor = new SegmentCursor(segment);
            for (var i = 0; i < ids.Length; i++) Assert.Equal(i, segment.Find(ids[i], cursor));
            foreach (var other in others) Assert.Equal(-1, segment.Find(other, cursor));
        }
        Assert.InRange(others.Count(current.MayHave), 1, 60);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_set_of_traces_is_found_as_one_by_one(bool isOld)
    {
        var fs = new Segments.MemoryFileSystem();
        var all = Ids(30_000, seed: 3);
        using var probe = new TraceProbe(all.AsMemory(0, 20_000), TraceHash.KeyedBy(Store));
        for (ulong s = 1; s <= 6; s++)
        {
            // Overlaps of every size, and none.
            var own = all[((int)s * 4_500)..];
            new Random((int)s).Shuffle(own);
            using var segment = Write(fs, s, own, isOld);
            var hits = probe.FindIn(segment, broken => throw broken);
            var expected = own.Select((id, ordinal) => (id, ordinal)).Where(p => Array.IndexOf(all, p.id, 0, 20_000) >= 0).ToArray();
            Assert.Equal(expected.Select(p => p.ordinal), hits.Select(h => h.Ordinal));
            Assert.Equal(expected.Select(p => p.id), hits.Select(h => h.Id));
            Assert.All(hits, h => Assert.Equal(all[h.Position], h.Id));
        }
    }

    [Fact]
    public void At_start_every_piece_of_a_split_trace_is_marked_and_no_other_trace()
    {
        var fs = new Segments.MemoryFileSystem();
        var random = new Random(6);
        var all = Ids(3_000, seed: 6);
        var segments = new List<OpenSegment>();
        var seen = new Dictionary<TraceId, int>();
        for (ulong s = 1; s <= 12; s++)
        {
            // Now and then one that shares nothing, and ids whose pieces are far apart.
            var own = s % 5 == 0 ? Ids(50, seed: 100 + (int)s) : [.. all.Where(_ => random.Next(8) == 0)];
            segments.Add(Write(fs, s, own, isOld: s % 4 == 0, [.. own.Where(seen.ContainsKey)]));
            foreach (var id in own) seen[id] = seen.GetValueOrDefault(id) + 1;
        }
        Sealer.MarkSplitTraces(segments, broken => throw broken);
        foreach (var segment in segments)
        {
            using var cursor = new SegmentCursor(segment);
            for (var ordinal = 0; ordinal < segment.Traces; ordinal++) Assert.Equal(seen[cursor.TraceIdOf(ordinal)] > 1, segment.IsSplit(ordinal));
            segment.Dispose();
        }
    }

    [Fact]
    public async Task Traces_are_counted_once_whatever_heads_and_segments_they_lie_in_while_both_grow()
    {
        var random = new RandomSpans(9) { MaxSpans = 6 };
        await using var test = await TestStore.OpenAsync(TestStore.SmallOptions with { Lanes = 3 });
        var late = new List<NaiveSpan>();
        for (var step = 0; step < 60; step++)
        {
            var trace = random.Trace();
            await test.WriteAsync(trace[..1]);
            late.AddRange(trace[1..]);
            if (late.Count > 0 && step % 3 == 0)
            {
                var span = late[step % late.Count];
                late.Remove(span);
                await test.WriteAsync(span);
            }
            if (step % 7 == 6) await test.Store.SealNowAsync();
            Assert.Equal(test.Ids.Count, test.Store.GetStatus().Traces);
        }
        await test.ReopenAsync();
        Assert.Equal(test.Ids.Count, test.Store.GetStatus().Traces);
        await test.AssertSameAsync();
    }

    private static TraceId[] Ids(int count, int seed)
    {
        var random = new Random(seed);
        var ids = new TraceId[count];
        for (var i = 0; i < count; i++) ids[i] = new TraceId((ulong)random.NextInt64(), (ulong)random.NextInt64());
        return ids;
    }

    private static OpenSegment Write(Segments.MemoryFileSystem fs, ulong id, TraceId[] ids, bool isOld, TraceId[]? continuations = null)
    {
        long bytes;
        using (var writer = SegmentWriter.Create(fs, $"/{id}", new SegmentHeader(id, Store, 0, default)))
        {
            foreach (var key in new[] { new ColumnKey(RowSpace.Spans, SegmentColumns.Span.Context), new ColumnKey(RowSpace.Spans, SegmentColumns.Span.Shape), new ColumnKey(RowSpace.Events, SegmentColumns.Event.Shape), new ColumnKey(RowSpace.Links, SegmentColumns.Link.Shape) })
            {
                writer.AddColumn(key);
            }
            var fields = new[]
            {
                (SegmentColumns.Trace.IdHigh, ids.Select(t => (long)t.High).ToArray()), (SegmentColumns.Trace.IdLow, ids.Select(t => (long)t.Low).ToArray()),
                (SegmentColumns.Trace.FirstRow, Enumerable.Range(0, ids.Length).Select(t => (long)t).ToArray()),
            };
            foreach (var (field, half) in fields)
            {
                var column = writer.AddColumn(new ColumnKey(RowSpace.Traces, field));
                foreach (var page in half.Chunk(SegmentFormat.PageRows)) writer.AddPage(column, page);
            }
            if (isOld)
            {
                writer.AddSection(SectionKind.TraceIndex, WholeTraceIndexWriter.Build(ids));
            }
            else
            {
                using var hashes = SortedHashes.Of(ids, TraceHash.KeyedBy(Store));
                writer.AddSection(SectionKind.CompactTraceIndex, TraceIndex.Build(hashes));
                writer.AddSection(SectionKind.TraceFilter, TraceFilter.Build(hashes.Hashes)!, optional: true);
            }
            foreach (var kind in new[] { SectionKind.Shapes, SectionKind.Resources, SectionKind.Scopes, SectionKind.Contexts }) writer.AddSection(kind, new byte[4]);
            var told = new byte[4 + ((continuations?.Length ?? 0) * TraceId.Bytes)];
            BinaryPrimitives.WriteInt32LittleEndian(told, continuations?.Length ?? 0);
            for (var i = 0; i < continuations?.Length; i++) continuations[i].Write(told.AsSpan(4 + (i * TraceId.Bytes)));
            writer.AddSection(SectionKind.Continuations, told);
            writer.AddSection(SectionKind.PageBases, []);
            bytes = writer.Finish();
        }
        return OpenSegment.Open(fs, $"/{id}", Store, new SegmentEntry(id, bytes, ids.Length, ids.Length, default, default, default, default, 0), PageCache.None);
    }
}
