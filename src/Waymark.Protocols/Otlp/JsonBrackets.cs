// Finds the end of a JSON array or object without reading it: what lets the decoder look behind a list of spans before it reads the list.
using System.Buffers;

namespace Waymark.Protocols.Otlp;

/// <summary>Counts brackets outside strings.</summary>
internal static class JsonBrackets
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);

    /// <summary>Bytes of the array or object at the start, kinds of brackets not told apart; −1 when it does not end.</summary>
    public static int FindEnd(ReadOnlySpan<byte> json)
    {
        var open = 0;
        var i = 0;
        while (true)
        {
            var next = json[i..].IndexOfAny(Structure);
            if (next < 0) return -1;
            i += next + 1;
            switch (json[i - 1])
            {
                case (byte)'"':
                    i = StringEnd(json, i);
                    if (i < 0) return -1;
                    break;
                case (byte)'{' or (byte)'[':
                    open++;
                    break;
                default:
                    if (--open == 0) return i;
                    break;
            }
        }
    }

    private static int StringEnd(ReadOnlySpan<byte> json, int i)
    {
        while (true)
        {
            var stop = json[i..].IndexOfAny((byte)'"', (byte)'\\');
            if (stop < 0) return -1;
            i += stop + 1;
            if (json[i - 1] == (byte)'"') return i;
            if (++i > json.Length) return -1;
        }
    }
}
