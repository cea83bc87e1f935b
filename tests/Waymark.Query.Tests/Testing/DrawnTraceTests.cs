// The parser of drawn traces: what a picture means.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Testing;

namespace Waymark.Query.Tests.Testing;

public sealed class DrawnTraceTests
{
    [Fact]
    public void Lines_become_spans_with_their_parents_times_and_notes()
    {
        var drawn = DrawnTrace.Of("""
            shop      server GET /cart  |##-#|  error: out of stock
              cart    load it           | #  |  db.system=redis  clock-2
                cart  never             |  ! |
            lost      consumer take     |#   |  orphan=3
            """);
        var spans = Blocks.ToSpans(drawn.Block);
        var root = spans[drawn.Row("GET /cart")];
        Assert.Equal(("shop", SpanKind.Server, StatusCode.Error, "out of stock"), (root.Service, root.Kind, root.Status, root.StatusMessage));
        Assert.Equal((0d, 4d), (drawn.CellOf(root.Start), drawn.CellOf(root.End)));
        var load = spans[drawn.Row("load it")];
        Assert.Equal((root.SpanId, -1d, 0d), (load.ParentSpanId, drawn.CellOf(load.Start), drawn.CellOf(load.End)));
        Assert.Equal([NaiveAttribute.Text("db.system", "redis")], load.Attributes);
        var never = spans[drawn.Row("never")];
        Assert.Equal((load.SpanId, 0L, 0d), (never.ParentSpanId, never.Duration.Value, drawn.CellOf(never.Start)));
        Assert.Equal(SpanMarks.Orphan, drawn.Block.Marks[drawn.Row("take")]);
    }

    [Fact]
    public void Runs_of_one_line_are_spans_of_their_own()
    {
        var drawn = DrawnTrace.Of("""
            shop  GET /   |========|
              db  SELECT  |== [=[= |
            """);
        Assert.Equal([(0d, 2d), (3d, 5d), (5d, 7d)], drawn.Rows("SELECT").Select(row => (drawn.CellOf(drawn.Block.Start[row]), drawn.CellOf(drawn.Block.End[row]))));
    }

    [Fact]
    public void What_can_not_be_read_is_no_picture() => Assert.Throws<FormatException>(() => DrawnTrace.Of("shop  GET /  |=x=|"));
}
