// Texts on a terminal: control characters removed, width counted in cells, cut to fit.
using Waymark.Server.Terminal;

namespace Waymark.Server.Tests.Terminal;

public sealed class CellsTests
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("\u001b[31mred", "␛[31mred")]
    [InlineData("a\r\nb\tc", "a␍␊b␉c")]
    [InlineData("\u009b31m", "\uFFFD31m")]
    [InlineData("abc\u202Egnp.exe", "abc\uFFFDgnp.exe")]
    [InlineData("\u2066x\u2069", "\uFFFDx\uFFFD")]
    [InlineData("del\u007F", "del␡")]
    [InlineData("zero\u200Bwidth\uFEFF", "zerowidth")]
    [InlineData("line\u2028break", "line␤break")]
    [InlineData("größe 注文 🛒", "größe 注文 🛒")]
    public void Nothing_that_a_terminal_obeys_survives_cleaning(string text, string clean) => Assert.Equal(clean, Cells.Clean(text));

    [Theory]
    [InlineData("", 0)]
    [InlineData("GET /", 5)]
    [InlineData("größe", 5)]
    [InlineData("gro\u0308\u00dfe", 5)]
    [InlineData("注文", 4)]
    [InlineData("한국어", 6)]
    [InlineData("ﾊﾝｶｸ", 4)]
    [InlineData("🛒 cart", 7)]
    [InlineData("×–…█▒┗", 6)]
    public void Width_counts_cells(string text, int cells) => Assert.Equal(cells, Cells.Width(text));

    [Theory]
    [InlineData("checkout", 8, "checkout")]
    [InlineData("checkout", 7, "checko…")]
    [InlineData("checkout", 1, "…")]
    [InlineData("checkout", 0, "")]
    [InlineData("注文確定", 8, "注文確定")]
    [InlineData("注文確定", 7, "注文確…")]
    [InlineData("注文確定", 6, "注文…")]
    public void Cutting_leaves_room_for_the_ellipsis(string text, int cells, string cut) => Assert.Equal(cut, Cells.Cut(text, cells));

    [Fact]
    public void A_cut_text_is_never_wider_than_asked_and_cleaning_twice_changes_nothing()
    {
        var random = new Random(11);
        for (var round = 0; round < 5_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => char.ConvertFromUtf32(Pick(random))));
            var clean = Cells.Clean(text);
            Assert.Equal(clean, Cells.Clean(clean));
            Assert.DoesNotContain(clean, char.IsControl);
            var cells = random.Next(40);
            var cut = Cells.Cut(clean, cells);
            Assert.True(Cells.Width(cut) <= cells, $"{cut} in {cells}");
            Assert.Equal(Math.Max(cells, Cells.Width(cut)), Cells.Width(cut + Cells.Padding(cut, cells)));
        }
    }

    private static int Pick(Random random) => random.Next(6) switch
    {
        0 => random.Next(0, 0xA0),
        1 => random.Next(0x2000, 0x2070),
        2 => random.Next(0x4E00, 0x9FFF),
        3 => random.Next(0x1F300, 0x1FAFF),
        4 => random.Next(0x300, 0x36F),
        _ => random.Next(0x20, 0x7E),
    };
}
