// The order of a trace's spans, held against the plain oracle on nasty random traces, and against the clock on large ones.
using System.Diagnostics;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Testing;

namespace Waymark.Model.Tests.Stores;

public sealed class TraceTopologyTests
{
    /// <summary>No shape of this size may take longer: sorting it takes some tens of milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const int Many = 100_000;

    [Fact]
    public void Random_traces_are_ordered_as_the_oracle_orders_them()
    {
        var random = new Random(1);
        var topology = new TraceTopology();
        for (var round = 0; round < 1500 * TestScale.Factor; round++)
        {
            var spans = RandomTrace(random);
            AssertAsOracle(spans, Build(topology, spans));
        }
    }

    [Fact]
    public void No_spans_make_no_rows()
    {
        var topology = Build(new TraceTopology(), []);
        Assert.Equal(0, topology.Count);
        Assert.Equal(0, topology.Duplicates);
    }

    [Fact]
    public void A_span_that_is_its_own_parent_is_a_cycle_of_one()
    {
        var topology = Build(new TraceTopology(), [Span(1, 1, 5)]);
        Assert.Equal([-1], topology.ParentRow.ToArray());
        Assert.Equal([SpanMarks.CycleCut], topology.Marks.ToArray());
    }

    [Fact]
    public void The_first_to_arrive_of_equal_spans_is_kept()
    {
        var topology = Build(new TraceTopology(), [Span(1, 0, 5), Span(2, 1, 6), Span(1, 0, 5), Span(2, 1, 6)]);
        Assert.Equal([0, 1], topology.Order.ToArray());
        Assert.Equal(2, topology.Duplicates);
    }

    [Fact]
    public void A_hundred_thousand_spans_with_one_id_are_ordered_in_time()
    {
        var topology = BuildInTime([.. Enumerable.Range(0, Many).Select(i => Span(1, 1, i))]);
        Assert.Equal(Many, topology.Count);
        Assert.All(topology.Marks.ToArray(), m => Assert.True(m.HasFlag(SpanMarks.SharedId)));
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_spans_is_followed_to_its_end()
    {
        var spans = Enumerable.Range(0, Many).Select(i => Span((ulong)i + 1, (ulong)i, i)).ToArray();
        new Random(3).Shuffle(spans);
        var topology = BuildInTime(spans);
        Assert.Equal(Enumerable.Range(-1, Many), topology.ParentRow.ToArray());
        Assert.All(topology.SubtreeEnd.ToArray(), end => Assert.Equal(Many, end));
    }

    [Fact]
    public void A_cycle_of_a_hundred_thousand_spans_is_cut_at_its_earliest_start()
    {
        var topology = BuildInTime([.. Enumerable.Range(0, Many).Select(i => Span((ulong)i + 1, (ulong)((i + Many - 1) % Many) + 1, (i + 5_000) % Many))]);
        Assert.Equal(Many, topology.Count);
        Assert.Equal(Many - 5_000, topology.Order[0]);
        Assert.Equal(1, topology.Marks.ToArray().Count(m => m == SpanMarks.CycleCut));
    }

    [Fact]
    public void A_hundred_thousand_orphans_stand_in_order_of_start()
    {
        var topology = BuildInTime([.. Enumerable.Range(0, Many).Select(i => Span((ulong)i + 1, 1_000_000, Many - i))]);
        Assert.Equal(Enumerable.Range(0, Many).Reverse(), topology.Order.ToArray());
        Assert.All(topology.Marks.ToArray(), m => Assert.Equal(SpanMarks.Orphan, m));
    }

    [Fact]
    public void A_hundred_thousand_repeats_are_one_span()
    {
        var topology = BuildInTime([.. Enumerable.Repeat(Span(1, 0, 5), Many)]);
        Assert.Equal(1, topology.Count);
        Assert.Equal(Many - 1, topology.Duplicates);
    }

    [Fact]
    public void A_hundred_thousand_children_of_one_span_share_a_parent()
    {
        var topology = BuildInTime([Span(1, 0, 0), .. Enumerable.Range(1, Many).Select(i => Span((ulong)i + 1, 1, i % 7))]);
        Assert.Equal(Many + 1, topology.SubtreeEnd[0]);
        Assert.All(topology.ParentRow[1..].ToArray(), p => Assert.Equal(0, p));
    }

    /// <summary>Few ids, few starts, few kinds: everything collides.</summary>
    private static List<NaiveSpan> RandomTrace(Random random)
    {
        var count = random.Next(8) == 0 ? random.Next(301) : random.Next(20);
        var ids = (ulong)random.Next(1, Math.Max(2, count * 2));
        var starts = random.Next(1, Math.Max(2, count));
        var spans = new List<NaiveSpan>(count);
        for (var i = 0; i < count; i++)
        {
            if (i > 0 && random.Next(10) == 0)
            {
                spans.Add(spans[random.Next(i)]);
                continue;
            }
            var start = random.Next(starts);
            spans.Add(Span((ulong)random.NextInt64((long)ids) + 1, random.Next(6) == 0 ? 0 : (ulong)random.NextInt64((long)ids + 1) + 1, start) with
            {
                End = new UnixNanos(Math.Max(0, start + random.Next(-2, 9))),
                Kind = (SpanKind)random.Next(3),
                Resource = NaiveResource.Of(random.Next(2) == 0 ? "a" : "b"),
            });
        }
        return spans;
    }

    private static NaiveSpan Span(ulong id, ulong parent, long start) => new()
    {
        TraceId = new TraceId(1, 1),
        SpanId = new SpanId(id),
        ParentSpanId = new SpanId(parent),
        Start = new UnixNanos(start),
        End = new UnixNanos(start),
    };

    private static TraceTopology Build(TraceTopology topology, IReadOnlyList<NaiveSpan> spans)
    {
        topology.Build(
            [.. spans.Select(s => s.SpanId)], [.. spans.Select(s => s.ParentSpanId)], [.. spans.Select(s => s.Start)], [.. spans.Select(s => s.Kind)],
            [.. spans.Select(s => s.Service.Length == 0 ? 0 : s.Service[0])], Comparer<int>.Default);
        return topology;
    }

    private static TraceTopology BuildInTime(IReadOnlyList<NaiveSpan> spans)
    {
        var watch = Stopwatch.StartNew();
        var topology = Build(new TraceTopology(), spans);
        Assert.True(watch.Elapsed < Patience, $"{watch.Elapsed} for {spans.Count} spans.");
        return topology;
    }

    private static void AssertAsOracle(List<NaiveSpan> arrivals, TraceTopology topology)
    {
        var distinct = NaiveTopology.Distinct(arrivals);
        var rows = NaiveTopology.Rows(distinct);
        Assert.Equal(rows.Count, topology.Count);
        Assert.Equal(arrivals.Count - distinct.Count, topology.Duplicates);
        Assert.Equal(rows.Select(r => r.Span), topology.Order.ToArray().Select(i => arrivals[i]));
        Assert.Equal(rows.Select(r => r.ParentRow), topology.ParentRow.ToArray());
        Assert.Equal(rows.Select(r => r.SubtreeEnd), topology.SubtreeEnd.ToArray());
        // Reversed times are no part of topology.
        Assert.Equal(rows.Select(r => r.Marks & ~SpanMarks.EndsBeforeStart), topology.Marks.ToArray());
    }
}
