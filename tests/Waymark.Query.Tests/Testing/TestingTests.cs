// The oracles themselves: what other tests rest on must be right first.
using System.Buffers;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Testing;

namespace Waymark.Query.Tests.Testing;

public sealed class TestingTests
{
    [Fact]
    public void A_block_gives_back_exactly_the_distinct_spans_it_was_made_of()
    {
        for (var seed = 0; seed < 50 * TestScale.Factor; seed++)
        {
            var spans = new RandomSpans(seed).Traces(4);
            var back = Blocks.ToSpans(Blocks.From(spans));
            Assert.Equal(NaiveTopology.Distinct(spans).ToHashSet(), back.ToHashSet());
            Assert.Equal(back.Count, back.Select(s => s.Identity).Distinct().Count());
        }
    }

    [Fact]
    public void What_the_sender_sends_is_what_the_sink_collects()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var spans = new RandomSpans(seed).Traces(4);
            foreach (var remember in new[] { false, true })
            {
                var sink = new NaiveSink(remember);
                NaiveSender.Send(spans, ref sink);
                Assert.Equal(spans, sink.Spans);
            }
        }
    }

    [Fact]
    public void Rows_are_in_pre_order_and_subtrees_are_intervals()
    {
        for (var seed = 0; seed < 200 * TestScale.Factor; seed++)
        {
            var block = Blocks.From(new RandomSpans(seed) { Oddity = 0.4, Spread = 100 }.Traces(3));
            foreach (var trace in block.Traces)
            {
                var open = new Stack<int>();
                for (var row = trace.FirstRow; row < trace.FirstRow + trace.Count; row++)
                {
                    while (open.TryPeek(out var top) && block.SubtreeEnd[top] <= row) open.Pop();
                    Assert.Equal(open.TryPeek(out var parent) ? parent : -1, block.ParentRow[row]);
                    if (block.ParentRow[row] >= 0) Assert.Equal(block.ParentSpanIds[row], block.SpanIds[block.ParentRow[row]]);
                    if (block.ParentRow[row] < 0 && !block.ParentSpanIds[row].IsZero) Assert.True((block.Marks[row] & (SpanMarks.Orphan | SpanMarks.CycleCut)) != 0);
                    open.Push(row);
                }
            }
        }
    }

    [Fact]
    public void The_parent_among_spans_that_share_an_id_is_the_last_that_starts_before_the_child()
    {
        var client = Span(1, 0, start: 10, SpanKind.Client);
        var server = Span(1, 0, start: 20, SpanKind.Server);
        var child = Span(2, 1, start: 25);
        var early = Span(3, 1, start: 5);
        var rows = NaiveTopology.Rows([server, child, client, early]);
        Assert.Equal([client, early, server, child], rows.Select(r => r.Span));
        Assert.Equal([-1, 0, -1, 2], rows.Select(r => r.ParentRow));
        Assert.Equal([2, 2, 4, 4], rows.Select(r => r.SubtreeEnd));
        Assert.Equal(SpanMarks.SharedId, rows[0].Marks);
    }

    [Fact]
    public void A_cycle_is_cut_at_its_earliest_start_and_a_span_that_is_its_own_parent_is_a_cycle_of_one()
    {
        var root = Span(9, 0, start: 100);
        var a = Span(1, 2, start: 30);
        var b = Span(2, 1, start: 20);
        var self = Span(5, 5, start: 1);
        var rows = NaiveTopology.Rows([a, b, root, self]);
        Assert.Equal([root, self, b, a], rows.Select(r => r.Span));
        Assert.Equal([SpanMarks.None, SpanMarks.CycleCut, SpanMarks.CycleCut, SpanMarks.None], rows.Select(r => r.Marks));
    }

    [Fact]
    public void The_sink_refuses_a_call_out_of_order()
    {
        var sink = new NaiveSink();
        Assert.Throws<InvalidOperationException>(() => sink.BeginSpan());
    }

    [Fact]
    public async Task The_naive_store_keeps_the_contract_of_writing()
    {
        var spans = new RandomSpans(1).Traces(3);
        var store = new NaiveStore(new CannedDecoder(spans));
        Assert.Equal(WriteOutcome.Malformed, await Write(store, 0));
        Assert.Equal(WriteOutcome.NothingToStore, await Write(store, 1));
        Assert.Equal(0, store.GetStatus().Spans);
        Assert.Equal(WriteOutcome.Stored, await Write(store, 2));
        Assert.Equal(WriteOutcome.AlreadyStored, await Write(store, 2));
        Assert.Equal((spans.Count, 1), (store.GetStatus().Spans, store.GetStatus().DuplicateRequests));
        foreach (var trace in spans.GroupBy(s => s.TraceId))
        {
            var block = await store.FindTraceAsync(trace.Key, default);
            Assert.Equal(NaiveTopology.Distinct(trace).ToHashSet(), Blocks.ToSpans(block!).ToHashSet());
        }
        Assert.Null(await store.FindTraceAsync(new TraceId(9, 9), default));
    }

    private static async Task<WriteOutcome> Write(NaiveStore store, byte body) =>
        (await store.WriteAsync(new WriteRequest(BodyKind.OtlpProtobuf, new[] { body }, BodyCodec.None, new[] { body }, SpanLimits.Default), default)).Outcome;

    /// <summary>Body 0 is malformed, 1 holds nothing, any other the spans.</summary>
    private sealed class CannedDecoder(List<NaiveSpan> spans) : IBodyDecoder
    {
        public void Decode<TSink>(BodyKind kind, ReadOnlySpan<byte> body, SpanLimits limits, ref TSink sink, ref DecodeReport report)
            where TSink : struct, ISpanSink
        {
            if (body[0] == 0) report.Malformed = Malformed.Truncated;
            if (body[0] < 2) return;
            NaiveSender.Send(spans, ref sink);
            report.Accepted = spans.Count;
        }

        public void Reencode(BodyKind kind, ReadOnlySpan<byte> body, SpanLimits limits, IBufferWriter<byte> output) => throw new NotSupportedException();
    }

    private static NaiveSpan Span(ulong id, ulong parent, long start, SpanKind kind = SpanKind.Internal) => new()
    {
        TraceId = new TraceId(0, 1),
        SpanId = new SpanId(id),
        ParentSpanId = new SpanId(parent),
        Start = new UnixNanos(start),
        End = new UnixNanos(start + 1),
        Kind = kind,
    };
}
