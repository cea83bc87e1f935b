// Colour, or none: the only place that knows escape sequences.
using System.Globalization;
using System.Text;

namespace Waymark.Server.Terminal;

/// <summary>What a piece of text is, for colouring.</summary>
internal enum Tone
{
    Plain,
    Dim,
    Strong,
    Error,
    Warning,

    /// <summary>The first of the service colours; the n-th service of a trace has the n-th of <see cref="Ink.ServiceTones"/> of them, starting over.</summary>
    Service,
}

/// <summary>Writes text in a tone. Uses the terminal's own palette, so that it is readable on dark and light.</summary>
/// <param name="HasColour">False: text only, not one escape sequence.</param>
internal sealed record Ink(bool HasColour)
{
    public static readonly Ink None = new(HasColour: false);

    /// <summary>How many services can be told apart. Red is left to errors.</summary>
    public const int ServiceTones = 8;

    // Cyan, magenta, green, yellow, blue, and three brighter ones (SGR codes of ECMA-48 and its common extension).
    private static readonly int[] ServiceCodes = [36, 35, 32, 33, 34, 96, 95, 92];

    /// <summary>Colour when the output is a terminal that wants it: not redirected, NO_COLOR unset or empty (no-color.org), TERM not "dumb".</summary>
    public static Ink For(bool isTerminal, string? noColor, string? term) =>
        new(isTerminal && string.IsNullOrEmpty(noColor) && !string.Equals(term, "dumb", StringComparison.Ordinal));

    public static Tone ServiceTone(int ordinal) => Tone.Service + ordinal % ServiceTones;

    public void Write(StringBuilder line, string text, Tone tone = Tone.Plain)
    {
        if (!HasColour || tone == Tone.Plain || text.Length == 0)
        {
            line.Append(text);
            return;
        }
        line.Append("\u001b[").Append(Code(tone)).Append('m').Append(text).Append("\u001b[0m");
    }

    public string Paint(string text, Tone tone)
    {
        var line = new StringBuilder(text.Length + 9);
        Write(line, text, tone);
        return line.ToString();
    }

    private static string Code(Tone tone) => tone switch
    {
        Tone.Dim => "2",
        Tone.Strong => "1",
        Tone.Error => "31",
        Tone.Warning => "33",
        _ => ServiceCodes[tone - Tone.Service].ToString(CultureInfo.InvariantCulture),
    };
}
