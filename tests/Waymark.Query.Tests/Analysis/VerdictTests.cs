// What is said about drawn traces: when each rule speaks, in which words, and when it must not.
using Waymark.Model.Spans;
using Waymark.Query.Analysis;
using Waymark.Testing;

namespace Waymark.Query.Tests.Analysis;

public sealed class VerdictTests
{
    [Fact]
    public void The_founding_scenario() => Says(VerdictKind.DominantSpan, "**71% (1.42 s of 2.00 s)** waits for `card-provider` · `POST /charge`", """
        shop                     server POST /checkout       |====================================================================================================|
          shop                   internal Auth middleware    | =====                                                                                              |
          shop                   client POST                 |      =========                                                                                     |
            cart                 server POST /validate       |       =======                                                                                      |
          shop                   client POST                 |               ================================================================================     |
            payments             server POST /charge         |                ==============================================================================      |
              payments           internal Charge payment     |                 ============================================================================       |
                payments         client POST                 |                  ==========================================================================        |
                  card-provider  server POST /charge         |                    =======================================================================         |
          shop                   client POST                 |                                                                                               ==== |
            orders               server POST /orders         |                                                                                               ==== |
        """, 20_000_000);

    [Fact]
    public void A_callee_without_spans_is_named_by_its_callers_attributes() => Says(
        VerdictKind.DominantSpan, "**60% (600 ms of 1.00 s)** waits for `api.cards.example` · `POST`, called by `payments`", """
        shop          server POST /checkout  |==========|
          payments    server POST /charge    | ======== |
            payments  client POST            |  ======  |  server.address=api.cards.example
        """);

    [Fact]
    public void A_database_is_named_by_its_system() => Says(
        VerdictKind.DominantSpan, "**60% (600 ms of 1.00 s)** waits for `postgresql` · `SELECT stock`, called by `shop`", """
        shop    server GET /stock    |==========|
          shop  client SELECT stock  |  ======  |  server.address=10.2.3.4  db.system.name=postgresql
        """);

    [Fact]
    public void A_callee_nobody_names_is_still_someone_waited_for() => Says(
        VerdictKind.DominantSpan, "**60% (600 ms of 1.00 s)** waits for the answer to `POST`, called by `shop`", """
        shop    server POST /checkout  |==========|
          shop  client POST            |  ======  |
        """);

    [Fact]
    public void Time_of_the_roots_own_service_is_spent_not_waited() => Says(VerdictKind.DominantSpan, "**70% (700 ms of 1.00 s)** is spent in `shop` · `render`", """
        shop    server GET /     |==========|
          shop  internal auth    |==        |
          shop  internal render  |  ======= |
        """);

    [Fact]
    public void Time_between_the_two_sides_of_a_call_is_neithers_work() => Says(
        VerdictKind.DominantSpan,
        "**60% (600 ms of 1.00 s)** passes between `shop` and `pay` · `POST /charge`: on the network, waiting for a connection, or before the server took it up (the server itself needs 200 ms)",
        """
        shop      server POST /checkout  |==========|
          shop    client POST            | ======== |
            pay   server POST /charge    |       == |
        """);

    [Fact]
    public void A_call_that_times_out_says_so() => Says(
        VerdictKind.DominantSpan, "**80% (800 ms of 1.00 s)** waits for `stock` · `GET /stock`, until it times out, and fails: `deadline exceeded`", """
        shop     server GET /        |==========|  error
          stock  internal GET /stock | ======== |  error: deadline exceeded
        """);

    [Fact]
    public void A_loop_of_queries_is_an_N_plus_1() => Says(VerdictKind.NPlusOne, "**57% (1.24 s of 2.18 s)** waits for `inventory` · 31 sequential `SELECT stock` (N+1)", """
        shop           server GET /basket   |=============================================================================================================|
          inventory    server GET /stock    |          ================================================================================================   |
            inventory  client SELECT stock  |           == == == == == == == == == == == == == == == == == == == == == == == == == == == == == == ==      |  db.system.name=postgresql
        """, 20_000_000);

    [Fact]
    public void Below_ten_it_is_calls_in_series() => Says(
        VerdictKind.SerialCalls, "**60% (1.20 s of 2.00 s)** goes into 6 calls one after another: `stock` · `GET /stock/{id}`; side by side they could take 200 ms, if none needs another's result", """
        shop       server GET /basket        |====================|
          shop     client GET                |  ==                |
            stock  server GET /stock/{id}    |  ==                |
          shop     client GET                |     ==             |
            stock  server GET /stock/{id}    |     ==             |
          shop     client GET                |       ==           |
            stock  server GET /stock/{id}    |       ==           |
          shop     client GET                |         ==         |
            stock  server GET /stock/{id}    |         ==         |
          shop     client GET                |           ==       |
            stock  server GET /stock/{id}    |           ==       |
          shop     client GET                |               ==   |
            stock  server GET /stock/{id}    |               ==   |
        """);

    [Fact]
    public void Different_reads_in_series_are_named() => Says(
        VerdictKind.SerialCalls,
        "**75% (900 ms of 1.20 s)** goes into 3 calls one after another: `user` · `GET /user`, `cart` · `GET /cart`, `recs` · `GET /recs`; side by side they could take 400 ms, if none needs another's result",
        """
        shop      server GET /      |============|
          shop    client GET        | ===        |
            user  server GET /user  | ===        |
          shop    client GET        |    ====    |
            cart  server GET /cart  |    ====    |
          shop    client GET        |         == |
            recs  server GET /recs  |         == |
        """);

    [Fact]
    public void Steps_that_change_something_follow_each_other_for_a_reason() => Says(VerdictKind.Nothing, "Nothing stands out: the largest part, 25%, is spent in `shop` · `POST /checkout`", """
        shop       server POST /checkout   |================|
          shop     client POST             | ====           |
            auth   server POST /login      | ====           |
          shop     client POST             |     ====       |
            pay    server POST /charge     |     ====       |
          shop     client POST             |         ====   |
            order  server POST /orders     |         ====   |
        """);

    [Fact]
    public void Attempts_that_failed_are_time_lost() => Says(
        VerdictKind.RetryLoop, "**60% (600 ms of 1.00 s)** is lost to 2 timed-out attempts of `pay` · `POST /charge` (`bank did not answer in 200 ms`) before one succeeded", """
        shop     server POST /   |==========|
          shop   client POST     | ==       |  error
            pay  server POST /charge | ==       |  error: bank did not answer in 200 ms
          shop   client POST     |    ==    |  error
            pay  server POST /charge |    ==    |  error: bank did not answer in 200 ms
          shop   client POST     |       == |
            pay  server POST /charge |       == |
        """);

    [Fact]
    public void Attempts_of_which_none_succeeded_fail_the_trace() => Says(
        VerdictKind.RetryLoop, "**90% (900 ms of 1.00 s)** is lost to 3 failed attempts of `pay` · `charge` (`card declined`), and none succeeded; the trace fails in `pay` · `charge`: `card declined`", """
        shop     server POST /     |==========|  error: checkout failed
          pay    internal charge   |=== == == |  error: card declined
        """);

    [Fact]
    public void A_batch_in_which_one_fails_is_no_retry() => Says(VerdictKind.SerialCalls, "**75% (300 ms of 400 ms)** goes into 3 calls one after another: `pay` · `charge`; side by side they could take 100 ms, if none needs another's result", """
        shop     server POST /     |====|
          pay    internal charge   |=   |
          pay    internal charge   | =  |  error: card declined
          pay    internal charge   |  = |
        """);

    [Fact]
    public void A_like_call_after_other_work_is_no_second_attempt() => Says(VerdictKind.Nothing, "Nothing stands out: the largest part, 30%, is spent in `a` · `one`", """
        shop     server POST /     |==========|
          pay    internal charge   |=         |  error: card declined
          a      internal one      | ===      |
          b      internal two      |    ==    |
          c      internal three    |      ==  |
          d      internal four     |        = |
          pay    internal charge   |         =|
        """);

    [Fact]
    public void The_span_that_says_why_is_named_rather_than_the_call_below_it_that_got_a_code() => Says(
        VerdictKind.DominantSpan, "**60% (600 ms of 1.00 s)** waits for `bank` · `POST /cards`; with an error in `pay` · `authorize`: `card expired`", """
        shop         server POST /       |==========|
          pay        internal authorize  | ======== |  error: card expired
            pay      client POST         | ======== |  error  error.type=402
              bank   server POST /cards  |  ======  |
        """);

    [Fact]
    public void A_message_that_is_a_sentence_gets_no_second_full_stop() => Says(VerdictKind.Nothing, "**Error** in `pay` · `charge`: `It failed.` Nothing stands out: the largest part, 30%, is spent in `a` · `one`", """
        shop     server POST /     |==========|
          pay    internal charge   |=         |  error: It failed.
          a      internal one      | ===      |
          b      internal two      |    ==    |
          c      internal three    |      ==  |
          d      internal four     |        ==|
        """);

    [Fact]
    public void One_client_span_name_for_several_callees_is_no_loop() => Says(VerdictKind.Nothing, "Nothing stands out: the largest part, 8%, is spent in `shop` · `POST /`",
        "shop  server POST /  |" + new string('=', 24) + "|\n" + string.Concat(Enumerable.Range(0, 11).Select(i => $"  shop  client POST  |{new string(' ', 2 * i)}=={new string(' ', 22 - 2 * i)}|\n    s{i}  server POST /{i}  |{new string(' ', 2 * i)}=={new string(' ', 22 - 2 * i)}|\n")));

    [Fact]
    public void Time_of_a_parent_that_no_child_covers_is_a_gap() => Says(VerdictKind.Gap, "**70% (700 ms of 1.00 s)** is spent in `shop` · `GET /`, outside its 2 child spans: no span says on what", """
        shop    server GET /       |==========|
          shop  internal auth      |=         |
          shop  internal render    |        ==|
        """);

    [Fact]
    public void Time_of_another_services_span_is_waited_for_though_a_child_explains_a_little() => Says(
        VerdictKind.Gap, "**70% (700 ms of 1.00 s)** waits for `card-provider` · `POST /charge`, outside its one child span: no span says on what", """
        shop                   server POST /checkout  |==========|
          shop                 client POST            | ======== |
            card-provider      server POST /charge    | ======== |
              card-provider    internal validate      | =        |
        """);

    [Fact]
    public void Time_without_any_span_is_a_gap_too() => Says(VerdictKind.Gap, "**60% (600 ms of 1.00 s)** is covered by no span: what ran then sends none, or they have not arrived", """
        a  internal one    |==        |  orphan=1
        b  internal two    |        ==|  orphan=2
        """);

    [Fact]
    public void A_message_that_waits_for_most_of_the_trace_comes_first() => Says(
        VerdictKind.QueueDelay, "**70% (1.40 s of 2.00 s)** passes before `worker` · `process order` takes the message that `shop` sent", """
        shop        server POST /orders       |====                |
          shop      client INSERT             | ==                 |
          shop      producer send             |   =                |
            worker  consumer process order    |                  ==|
        """);

    [Fact]
    public void Of_calls_side_by_side_the_one_that_takes_far_longer_is_named() => Says(
        VerdictKind.Straggler, "**90% (900 ms of 1.00 s)** waits for the slowest of 5 calls side by side: `shard` · `query` took 900 ms, the median 200 ms", """
        shop     server GET /search  |==========|
          shard  server query        | ==       |
          shard  server query        | ==       |
          shard  server query        | =========|
          shard  server query        | ===      |
          shard  server query        | =        |
        """);

    [Fact]
    public void A_fan_out_of_equals_is_neither_straggler_nor_N_plus_1()
    {
        var drawing = "shop     server GET /search  |==========|\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"  shard  server query {i % 2}     | {new string('=', 4 + i % 3)}{new string(' ', 5 - i % 3)}|\n"));
        Assert.Equal((VerdictKind.DominantSpan, 1), (Of(drawing).Kind, Of(drawing).Spans));
    }

    [Fact]
    public void A_boring_trace_gives_nothing() => Says(VerdictKind.Nothing, "Nothing stands out: the largest part, 20%, is spent in `shop` · `GET /`", """
        shop      server GET /          |==========|
          shop    internal auth         | =        |
          shop    internal load         |  ==      |
          cart    server POST /cart     |    ==    |
          price   server POST /price    |      ==  |
          shop    internal render       |        = |
        """);

    [Fact]
    public void A_single_span_is_nothing_to_point_at() => Says(VerdictKind.Nothing, "Nothing stands out: the trace is a single span", "shop  server GET /  |==========|");

    [Fact]
    public void A_trace_of_no_length_takes_no_time() => Says(VerdictKind.Nothing, "Nothing stands out: the trace takes no time", """
        shop    server GET /  |!|
          shop  one           |!|
        """);

    [Fact]
    public void A_failure_is_named_where_it_began_though_nothing_stands_out() => Says(
        VerdictKind.Nothing, "**Fails** in `pay` · `authorize`: `CardDeclinedException`. Nothing stands out: the largest part, 20%, is spent in `shop` · `POST /checkout`", """
        shop      server POST /checkout  |==========|  error: 500
          shop    internal auth          | =        |
          shop    internal load          |  ==      |
          pay     server POST /charge    |    ====  |  error: 402
            pay   internal prepare       |    ==    |
            pay   internal authorize     |      ==  |  error  exception=CardDeclinedException
          shop    internal render        |        = |
        """);

    [Fact]
    public void An_error_the_root_got_over_is_told_as_well() => Assert.EndsWith(" waits for `bank` · `POST /auth`; with an error in `pay` · `authorize`: `insufficient funds`", Marked(Of("""
        shop        server POST /checkout  |==========|
          shop      internal charge        | ======== |  error: insufficient funds
            pay     internal authorize     | ======== |  error: insufficient funds
              pay   client POST            | ======== |
                bank  server POST /auth    | ======== |
        """)), StringComparison.Ordinal);

    [Fact]
    public void An_error_the_root_got_over_is_told_though_nothing_stands_out() => Says(
        VerdictKind.Nothing, "**Error** in `shop` · `load`: `no such product`. Nothing stands out: the largest part, 20%, is spent in `shop` · `GET /`", """
        shop      server GET /           |==========|
          shop    internal auth          | ==       |
          shop    internal load          |   ==     |  error: no such product
          shop    internal render        |     ==   |
          shop    internal send          |       == |
        """);

    [Fact]
    public void The_largest_part_is_not_called_work_of_the_one_that_waits() => Says(
        VerdictKind.Nothing, "Nothing stands out: the largest part, 38%, passes in calls `shop` · `GET` before and after the service called works", """
        shop      server GET /           |================|
          shop    client GET             | =====          |
            cart  server GET /cart       |  ==            |
          shop    client GET             |      =====     |
            cart  server GET /cart       |       ==       |
          shop    internal render        |           ==== |
        """);

    [Fact]
    public void An_error_that_was_made_good_is_not_what_the_trace_failed_of() => Assert.EndsWith(" waits for `orders` · `INSERT`, and fails: `disk full`", Marked(Of("""
        shop      server POST /checkout  |==========|  error
          pay     internal charge        | =        |  error: try again
          pay     internal charge        |   =      |
          orders  internal INSERT        |     =====|  error: disk full
        """)), StringComparison.Ordinal);

    [Fact]
    public void A_failure_of_the_root_alone_needs_no_place() => Assert.EndsWith("waits for `pay` · `charge`; the trace fails: `unknown card`", Marked(Of("""
        shop    server POST /checkout  |==========|  error: unknown card
          pay   internal charge        |  ======= |
        """)), StringComparison.Ordinal);

    [Fact]
    public void A_trace_that_did_not_fail_says_nothing_of_errors_below() => Assert.DoesNotContain("fail", Of("""
        shop      server POST /checkout  |==========|
          cache   internal get           | =        |  error: miss
          shop    internal render        |   ====== |
        """).ToString(), StringComparison.Ordinal);

    [Fact]
    public void What_explains_twice_as_much_counts_before_a_rule_that_is_asked_first() => Says(
        VerdictKind.DominantSpan, "**60% (1.20 s of 2.00 s)** waits for `pay` · `charge`", """
        shop        server POST /          |========================================|
          db        internal SELECT        |= = = = = = = = = =                     |
          pay       internal charge        |               ======================== |
        """, 50_000_000);

    [Fact]
    public void Names_are_data_cut_when_long_and_said_to_be_missing_when_they_are()
    {
        var name = "**bold** `code` <b>" + new string('x', 500);
        var block = Blocks.From([
            new NaiveSpan { TraceId = new TraceId(0, 1), SpanId = new SpanId(1), End = new UnixNanos(1_000), Resource = NaiveResource.Of("shop") },
            new NaiveSpan { TraceId = new TraceId(0, 1), SpanId = new SpanId(2), ParentSpanId = new SpanId(1), End = new UnixNanos(900), Name = name },
        ]);
        var verdict = TraceAnalysis.Of(block, block.Traces[0]).Verdict;
        Assert.Equal(
            [
                new VerdictPart("90% (900 ns of 1.00 µs)", VerdictStyle.Strong),
                new VerdictPart(" waits for ", VerdictStyle.Text),
                new VerdictPart("a service without a name", VerdictStyle.Text),
                new VerdictPart(" · ", VerdictStyle.Text),
                new VerdictPart(name[..160] + "…", VerdictStyle.Code),
            ],
            verdict.Parts);
    }

    [Fact]
    public void Every_verdict_is_within_its_bounds()
    {
        foreach (var spans in AnalysisTraces.Many(31, 3_000))
        {
            var block = Blocks.From(spans);
            var analysis = TraceAnalysis.Of(block, block.Traces[0]);
            var verdict = analysis.Verdict;
            Assert.InRange(verdict.Share, 0, 1);
            Assert.True(verdict.Time <= analysis.Timeline.Extent);
            Assert.Equal(verdict.Kind == VerdictKind.Nothing, verdict.Time.Value == 0);
            Assert.Equal(verdict.Rows.Order().Distinct(), verdict.Rows);
            Assert.All(verdict.Rows, row => Assert.InRange(row, 0, block.Count - 1));
            Assert.Equal(Math.Min(verdict.Spans, Verdict.MaxRows), verdict.Rows.Length);
            Assert.NotEmpty(verdict.ToString());
        }
    }

    [Fact]
    public void Without_attributes_and_events_the_verdict_is_of_the_same_kind()
    {
        foreach (var spans in AnalysisTraces.Many(32, 500))
        {
            var (full, core) = (Blocks.From(spans), Blocks.From(spans, Model.Stores.SpanParts.Core));
            var (a, b) = (TraceAnalysis.Of(full, full.Traces[0]), TraceAnalysis.Of(core, core.Traces[0]));
            Assert.Equal((a.Verdict.Kind, a.Verdict.Time), (b.Verdict.Kind, b.Verdict.Time));
        }
    }

    private static void Says(VerdictKind kind, string sentence, string drawing, long cellNanos = 100_000_000)
    {
        var verdict = Of(drawing, cellNanos);
        Assert.Equal((kind, sentence), (verdict.Kind, Marked(verdict)));
    }

    private static Verdict Of(string drawing, long cellNanos = 100_000_000)
    {
        var drawn = DrawnTrace.Of(drawing, cellNanos);
        return TraceAnalysis.Of(drawn.Block, drawn.Trace).Verdict;
    }

    private static string Marked(Verdict verdict) => string.Concat(verdict.Parts.Select(part => part.Style switch
    {
        VerdictStyle.Strong => $"**{part.Text}**",
        VerdictStyle.Code => $"`{part.Text}`",
        _ => part.Text,
    }));
}
