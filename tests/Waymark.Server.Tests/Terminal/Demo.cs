using Waymark.Model.Stores;
using Waymark.Server.Terminal;
namespace Waymark.Server.Tests.Terminal;
public sealed class Demo
{
    [Fact]
    public void Show()
    {
        foreach (var w in new[] { 120, 80, 50 })
            foreach (var l in Waterfall.Render(TraceSample.Shop().Trace, w, WaterfallStyle.Plain)) Console.WriteLine(l + "|");
        var s = new TraceSample();
        var at = -1;
        for (var i = 0; i < 40; i++) at = s.Add(at, "svc" + i % 3, "level " + i, i * 10, 5000 - i * 100, marks: i == 7 ? SpanMarks.SharedId : 0);
        s.Add(-1, "注文サービス", "注文を確定する POST /注文/確定 とても長い名前です本当に", 100, 0, missingParent: "9f3c0a1b2c3d4e5f");
        s.Add(-1, "evil\u001b[31m", "\u001b]0;owned\u0007 name\r\nnext \u202Egnp.exe \u009b31m", 200, 4000, error: "boom\u001b[2J", missingParent: "9f3c0a1b2c3d4e5f");
        foreach (var w in new[] { 120, 80 }) foreach (var l in Waterfall.Render(s.Trace, w, WaterfallStyle.Plain)) Console.WriteLine(l + "|");
        s = new TraceSample();
        at = s.Add(-1, "batch", "import", 0, 60_000_000);
        for (var i = 0; i < 3000; i++) { var c = s.Add(at, "batch", "chunk " + i, i * 19_000, 5000 + i * 7919 % 15000); s.Add(c, "db", "SELECT", i * 19_000 + 100, 1000); s.Add(c, "db", "INSERT", i * 19_000 + 2000, 1000); }
        foreach (var l in Waterfall.Render(s.Trace, 100, WaterfallStyle.Plain).Take(40)) Console.WriteLine(l + "|");
        Console.WriteLine(Waterfall.Render(s.Trace, 100, WaterfallStyle.Plain).Count);
        s = new TraceSample();
        s.Add(-1, "a", "zero", 0, 0);
        foreach (var l in Waterfall.Render(s.Trace, 100, WaterfallStyle.Plain).Take(40)) Console.WriteLine(l + "|");
        foreach (var l in Waterfall.Render(TraceSample.Shop().Trace, 100, new WaterfallStyle(new Ink(true)))) Console.WriteLine(l);
    }
}
