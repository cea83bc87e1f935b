// Finds the end of a JSON array or object without reading it: what lets the decoder look behind a list of spans before it reads the list.
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Waymark.Protocols.Otlp;

/// <summary>
/// Counts brackets outside strings, 64 bytes at a time: each question about a byte (is it a quote, a backslash, an opening or closing bracket) is one bit of a 64-bit word,
/// and whether a byte lies within a string is the parity of the quotes up to it.
/// </summary>
internal static class JsonBrackets
{
    private const int BlockBytes = 64;

    /// <summary>Bytes of the array or object at the start, kinds of brackets not told apart; −1 when it does not end.</summary>
    public static int FindEnd(ReadOnlySpan<byte> json)
    {
        var count = default(Count);
        var at = 0;
        for (; at + BlockBytes <= json.Length; at += BlockBytes)
        {
            var end = count.Take(json.Slice(at, BlockBytes));
            if (end >= 0) return at + end;
        }
        Span<byte> tail = stackalloc byte[BlockBytes];
        tail.Fill((byte)' ');
        json[at..].CopyTo(tail);
        var last = count.Take(tail);
        return last < 0 ? -1 : at + last;
    }

    /// <summary>What is carried from block to block.</summary>
    private struct Count
    {
        private int open;

        /// <summary>All ones when the last block ended within a string.</summary>
        private ulong inString;

        /// <summary>One when the last block ended in a backslash that escapes the next byte.</summary>
        private ulong escaped;

        /// <summary>The position after the bracket that closes the first; −1 when it is not in this block.</summary>
        public int Take(ReadOnlySpan<byte> block)
        {
            ulong quotes = 0, backslashes = 0, opening = 0, closing = 0;
            for (var i = 0; i < BlockBytes; i += Vector128<byte>.Count)
            {
                var bytes = Vector128.Create(block.Slice(i, Vector128<byte>.Count));
                // The bit 0x20 tells '{' from '[' and '}' from ']'; no other byte becomes one of them.
                var folded = bytes | Vector128.Create((byte)0x20);
                quotes |= (ulong)Vector128.Equals(bytes, Vector128.Create((byte)'"')).ExtractMostSignificantBits() << i;
                backslashes |= (ulong)Vector128.Equals(bytes, Vector128.Create((byte)'\\')).ExtractMostSignificantBits() << i;
                opening |= (ulong)Vector128.Equals(folded, Vector128.Create((byte)'{')).ExtractMostSignificantBits() << i;
                closing |= (ulong)Vector128.Equals(folded, Vector128.Create((byte)'}')).ExtractMostSignificantBits() << i;
            }
            if ((backslashes | escaped) != 0) quotes &= ~Escapes(backslashes);
            var strings = quotes;
            for (var shift = 1; shift < BlockBytes; shift <<= 1) strings ^= strings << shift;
            strings ^= inString;
            inString = (ulong)((long)strings >> 63);
            opening &= ~strings;
            closing &= ~strings;
            if (BitOperations.PopCount(closing) >= open) return Walk(opening, closing);
            open += BitOperations.PopCount(opening) - BitOperations.PopCount(closing);
            return -1;
        }

        /// <summary>The bytes that stand after an escaping backslash.</summary>
        private ulong Escapes(ulong backslashes)
        {
            var found = escaped;
            backslashes &= ~escaped;
            escaped = 0;
            while (backslashes != 0)
            {
                var at = BitOperations.TrailingZeroCount(backslashes);
                if (at == BlockBytes - 1)
                {
                    escaped = 1;
                    break;
                }
                found |= 2UL << at;
                backslashes &= ~(3UL << at);
            }
            return found;
        }

        private int Walk(ulong opening, ulong closing)
        {
            for (var brackets = opening | closing; brackets != 0; brackets &= brackets - 1)
            {
                var at = BitOperations.TrailingZeroCount(brackets);
                if ((opening >> at & 1) != 0) open++;
                else if (--open == 0) return at + 1;
            }
            return -1;
        }
    }
}
