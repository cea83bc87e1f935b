// The oracles themselves: what other tests rest on must be right first.
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
    public void A_cycle_is_cut_at_its_earliest_start_and_a_span_that_is_its_own_parent_is_an_orphan()
    {
        var root = Span(9, 0, start: 100);
        var a = Span(1, 2, start: 30);
        var b = Span(2, 1, start: 20);
        var self = Span(5, 5, start: 1);
        var rows = NaiveTopology.Rows([a, b, root, self]);
        Assert.Equal([root, self, b, a], rows.Select(r => r.Span));
        Assert.Equal([SpanMarks.None, SpanMarks.Orphan, SpanMarks.CycleCut, SpanMarks.None], rows.Select(r => r.Marks));
    }

    [Fact]
    public void The_sink_refuses_a_call_out_of_order()
    {
        var sink = new NaiveSink();
        Assert.Throws<InvalidOperationException>(() => sink.BeginSpan());
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
