// The list of traces as it is drawn, against golden files.
using Waymark.Model.Spans;
using Waymark.Server.Terminal;

namespace Waymark.Server.Tests.Terminal;

public sealed class TraceTableTests
{
    private static readonly TraceListItem[] Traces =
    [
        new(TraceSample.Id, TraceSample.Start, new DurationNanos(1_234_000_000), "frontend", "POST /checkout", 51, 3, Top: new TraceListTop("inventory", "SELECT stock", 0.7149)),
        new("00000000000000000000000000000abc", TraceSample.Start, new DurationNanos(0), "", "no service", 1, 0),
        new("5bf92f3577b34da6a3ce929d0e0e4736", TraceSample.Start, new DurationNanos(3_720_000_000_000), "nightly-import", "import products from the supplier's catalogue, all of them, in batches", 10_432, 1_204, IsRootless: true, new TraceListTop("", "a rather long name of an operation, as they come", 1)),
        new("6bf92f3577b34da6a3ce929d0e0e4736", TraceSample.Start, new DurationNanos(45_600), "注文サービス", "確定\u001b[31m\n", 7, 0),
    ];

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(160)]
    [InlineData(200)]
    public void The_list_looks_as_it_did(int width) => Golden.Check($"list-{width}", TraceTable.Render(Traces, width, Ink.None));

    [Fact]
    public void Every_id_is_there_in_full_and_no_line_is_wider_than_the_screen()
    {
        for (var width = Waterfall.MinWidth; width < 200; width++)
        {
            var lines = TraceTable.Render(Traces, width, Ink.None);
            Assert.All(lines, line => Assert.True(Cells.Width(line) <= Math.Max(width, 44), $"{width}: {line}"));
            Assert.All(Traces, trace => Assert.Contains(lines, line => line.Contains(trace.TraceId, StringComparison.Ordinal)));
            Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
        }
    }
}
