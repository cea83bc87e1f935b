// The verdict on a trace as lines of a terminal.
using System.Text;
using Waymark.Query.Analysis;

namespace Waymark.Server.Terminal;

/// <summary>Sets the sentence, broken between words.</summary>
internal static class VerdictLines
{
    private const string Mark = "→ ";

    public static void Add(List<string> lines, IReadOnlyList<VerdictPart> sentence, int width, Ink ink)
    {
        if (sentence.Count == 0) return;
        var line = new StringBuilder();
        ink.Write(line, Mark, Tone.Strong);
        var (left, isFirst) = (width - Mark.Length, true);
        foreach (var word in Words(sentence))
        {
            var cells = word.Sum(piece => Cells.Width(piece.Text));
            if (!isFirst && cells + 1 > left)
            {
                lines.Add(line.ToString());
                line.Clear().Append(' ', Mark.Length);
                (left, isFirst) = (width - Mark.Length, true);
            }
            if (!isFirst)
            {
                line.Append(' ');
                left--;
            }
            foreach (var (text, tone) in word)
            {
                // Only a word longer than a line is cut.
                var cut = Cells.Cut(text, Math.Max(0, left));
                ink.Write(line, cut, tone);
                left -= Cells.Width(cut);
            }
            isFirst = false;
        }
        lines.Add(line.ToString());
    }

    /// <summary>Words, each in pieces of one tone.</summary>
    private static List<List<(string Text, Tone Tone)>> Words(IReadOnlyList<VerdictPart> sentence)
    {
        var words = new List<List<(string Text, Tone Tone)>>();
        var joins = false;
        foreach (var part in sentence)
        {
            var text = Cells.Clean(part.Text);
            var pieces = text.Split(' ');
            for (var at = 0; at < pieces.Length; at++)
            {
                if (at > 0) joins = false;
                if (pieces[at].Length == 0) continue;
                if (!joins) words.Add([]);
                words[^1].Add((pieces[at], ToneOf(part.Style)));
                joins = true;
            }
        }
        return words;
    }

    private static Tone ToneOf(VerdictStyle style) => style switch
    {
        VerdictStyle.Strong => Tone.Strong,
        VerdictStyle.Code => Tone.Service,
        _ => Tone.Plain,
    };
}
