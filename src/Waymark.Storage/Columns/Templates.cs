// Splits a text into what it has in common with others and what it has not: "GET /cart/42" is the template "GET /cart/*" and the number 42. Layout: docs/formats/segment.md.
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Waymark.Storage.Columns;

/// <summary>
/// Splitting and putting together again, exact for every byte string. Equal texts split equally and different ones differently, so a text is searched for by comparing its parts.
/// A run of ASCII letters and digits is one of: a number (19 digits at most, below 2^63, leading zeros staying in the template), digits of a hexadecimal number (at least 8, one of them decimal, all
/// letters in one case; 16 per variable), the beginning of a UUID, letters around a single number, or text.
/// </summary>
internal static class Templates
{
    /// <summary>Words of 64 bits one text may leave behind; what comes later in the text is text. A UUID is two words.</summary>
    public const int MaxWords = 32;

    /// <summary>Bytes from here on, which UTF-8 doesn't have, mark variables.</summary>
    private const byte FirstMarker = 0xF8;

    private const byte Number = 0xF8;

    /// <summary>Followed by the number of digits, 1 to 16.</summary>
    private const byte LowerHex = 0xF9;
    private const byte UpperHex = 0xFA;
    private const byte LowerUuid = 0xFB;
    private const byte UpperUuid = 0xFC;

    /// <summary>The next byte is text, though it looks like a marker.</summary>
    private const byte Escape = 0xFF;

    private const int UuidBytes = 36;
    private const int MinHexDigits = 8;
    private const int MaxNumberDigits = 19;
    private const int WordDigits = 16;

    private const byte Digit = 1;
    private const byte LowerHexLetter = 2;
    private const byte UpperHexLetter = 4;
    private const byte OtherLetter = 8;

    private static ReadOnlySpan<byte> Kinds =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
        0, 4, 4, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 0, 0, 0, 0, 0,
        0, 2, 2, 2, 2, 2, 2, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>Room a template may need: every byte a marker.</summary>
    public static int MaxTemplateBytes(int text) => checked(text * 2);

    /// <summary>
    /// Writes the template into a span of at least <see cref="MaxTemplateBytes"/> and returns its length; the variables go to <paramref name="words"/>, which has room for <see cref="MaxWords"/>.
    /// </summary>
    public static int Split(ReadOnlySpan<byte> text, Span<byte> template, Span<long> words, out int wordCount)
    {
        // Every read and write below is bounded by these two lengths; the references spare the loop its checks.
        ArgumentOutOfRangeException.ThrowIfLessThan(template.Length, MaxTemplateBytes(text.Length));
        ArgumentOutOfRangeException.ThrowIfLessThan(words.Length, MaxWords);
        ref var source = ref MemoryMarshal.GetReference(text);
        ref var target = ref MemoryMarshal.GetReference(template);
        ref var kinds = ref MemoryMarshal.GetReference(Kinds);
        wordCount = 0;
        var at = 0;
        var to = 0;
        var nextSkip = 0;
        while (at < text.Length)
        {
            if (at >= nextSkip && at + Vector128<byte>.Count <= text.Length)
            {
                var skipped = SkipWords(ref Unsafe.Add(ref source, at), ref Unsafe.Add(ref target, to));
                at += skipped;
                to += skipped;
                if (skipped > 0) continue;
                nextSkip = at + Vector128<byte>.Count;
            }
            var value = Unsafe.Add(ref source, at);
            int kind = Unsafe.Add(ref kinds, value);
            if (kind == 0)
            {
                if (value >= FirstMarker) Unsafe.Add(ref target, to++) = Escape;
                Unsafe.Add(ref target, to++) = value;
                at++;
                continue;
            }
            var start = at;
            var seen = 0;
            var groups = 0;
            var before = 0;
            ulong number = 0;
            do
            {
                // Means something only where all are digits, and few enough.
                number = (number * 10) + (value - (uint)'0');
                seen |= kind;
                // Added rather than asked: in hexadecimal text a branch here is a coin's toss.
                groups += kind & ~before & Digit;
                before = kind;
                Unsafe.Add(ref target, to + at - start) = value;
                if (++at == text.Length) break;
                value = Unsafe.Add(ref source, at);
                kind = Unsafe.Add(ref kinds, value);
            }
            while (kind != 0);
            if (seen == Digit && at - start < MaxNumberDigits && (Unsafe.Add(ref source, start) != (byte)'0' || at - start == 1) && at - start != 8 && wordCount < MaxWords)
            {
                words[wordCount++] = (long)number;
                Unsafe.Add(ref target, to++) = Number;
            }
            else if (seen >= OtherLetter ? groups == 1 : (seen & Digit) != 0 || at - start == 8)
            {
                to += Variable(text, start, ref at, seen, groups, template[to..], words, ref wordCount);
            }
            else
            {
                to += at - start;
            }
        }
        return to;
    }

    /// <summary>
    /// The longest part of a text that stands in the template of every text which contains it: no variable can be any of it. Digits, dashes and what looks like a marker are never part of it, and letters
    /// only if one of their run is in no hexadecimal number, or if they are too few for one and stand alone.
    /// </summary>
    public static ReadOnlySpan<byte> LongestPlain(ReadOnlySpan<byte> text)
    {
        var longest = text[..0];
        var start = 0;
        for (var at = 0; at < text.Length;)
        {
            var (from, seen) = (at, 0);
            while (at < text.Length && Kinds[text[at]] > Digit) seen |= Kinds[text[at++]];
            bool isPlain;
            if (at == from)
            {
                isPlain = IsBoundary(text, at);
                at++;
            }
            else
            {
                isPlain = seen >= OtherLetter || (IsBoundary(text, from - 1) && IsBoundary(text, at) && at - from < MinHexDigits / 2);
                // Letters right behind a UUID are a run of their own: the first ones here may be its last.
                if (isPlain && !IsBoundary(text, from - 1))
                {
                    start = from;
                    while (Kinds[text[start]] < OtherLetter) start++;
                }
            }
            if (!isPlain) start = at;
            else if (at - start > longest.Length) longest = text[start..at];
        }
        return longest;
    }

    /// <summary>A byte at which a run of letters and digits ends, and any variable with it.</summary>
    private static bool IsBoundary(ReadOnlySpan<byte> text, int at) => (uint)at < (uint)text.Length && Kinds[text[at]] == 0 && text[at] is not (byte)'-' and < FirstMarker;

    /// <summary>How many words a template's texts have, and how long they can be. False: it is no template that <see cref="Split"/> makes.</summary>
    public static bool TryMeasure(ReadOnlySpan<byte> template, out int words, out int longest)
    {
        words = 0;
        longest = 0;
        for (var i = 0; i < template.Length; i++)
        {
            switch (template[i])
            {
                case < FirstMarker:
                    longest++;
                    break;
                case Number:
                    words++;
                    longest += MaxNumberDigits;
                    break;
                case LowerHex or UpperHex:
                    if (++i == template.Length || template[i] is 0 or > WordDigits) return false;
                    words++;
                    longest += template[i];
                    break;
                case LowerUuid or UpperUuid:
                    words += 2;
                    longest += UuidBytes;
                    break;
                case Escape:
                    if (++i == template.Length || template[i] < FirstMarker) return false;
                    longest++;
                    break;
                default:
                    return false;
            }
        }
        return words <= MaxWords;
    }

    /// <summary>Puts a text together from a template that <see cref="TryMeasure"/> accepts and its words. False: it doesn't fit, or a word can't stand there.</summary>
    public static bool TryJoin(ReadOnlySpan<byte> template, ReadOnlySpan<long> words, Span<byte> into, out int written)
    {
        written = 0;
        var word = 0;
        while (!template.IsEmpty)
        {
            var plain = template.IndexOfAnyInRange(FirstMarker, byte.MaxValue);
            if (plain < 0) plain = template.Length;
            if (!template[..plain].TryCopyTo(into[written..])) return false;
            written += plain;
            if (plain == template.Length) return true;
            var marker = template[plain];
            template = template[(plain + 1)..];
            switch (marker)
            {
                case Number:
                    if (words[word] < 0 || !Utf8Formatter.TryFormat(words[word++], into[written..], out var digits)) return false;
                    written += digits;
                    break;
                case LowerHex or UpperHex:
                    int width = template[0];
                    template = template[1..];
                    if (into.Length - written < width || !TryWriteHex((ulong)words[word++], width, marker == UpperHex, into.Slice(written, width))) return false;
                    written += width;
                    break;
                case LowerUuid or UpperUuid:
                    if (into.Length - written < UuidBytes) return false;
                    WriteUuid(words[word], words[word + 1], marker == UpperUuid, into.Slice(written, UuidBytes));
                    word += 2;
                    written += UuidBytes;
                    break;
                default:
                    if (written == into.Length) return false;
                    into[written++] = template[0];
                    template = template[1..];
                    break;
            }
        }
        return true;
    }

    /// <summary>
    /// Copies sixteen bytes and returns how many of them are whole words without variables: none has a digit or begins a UUID (that would need a dash), none is a marker, and the last word, which may go on
    /// with digits, is left out. 0 where that can't be said.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipWords(ref byte source, ref byte target)
    {
        var bytes = Vector128.LoadUnsafe(ref source);
        var special = Vector128.LessThanOrEqual(bytes - Vector128.Create((byte)'0'), Vector128.Create((byte)9))
            | Vector128.Equals(bytes, Vector128.Create((byte)'-')) | Vector128.GreaterThanOrEqual(bytes, Vector128.Create(FirstMarker));
        if (special != Vector128<byte>.Zero) return 0;
        var letters = Vector128.LessThanOrEqual((bytes | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)('z' - 'a')));
        bytes.StoreUnsafe(ref target);
        return 32 - BitOperations.LeadingZeroCount(~letters.ExtractMostSignificantBits() & 0xFFFF);
    }

    /// <summary>Decides what the run <c>text[start..at]</c> is, and writes it over its own copy in the template; the template bytes it takes. A UUID takes text beyond the run, so <paramref name="at"/> moves.</summary>
    private static int Variable(
        ReadOnlySpan<byte> text, int start, ref int at, int seen, int groups, Span<byte> template, Span<long> words, ref int wordCount)
    {
        var run = text[start..at];
        if (seen < OtherLetter)
        {
            if (run.Length == 8 && text.Length - start >= UuidBytes && text[at] == (byte)'-' && wordCount + 2 <= MaxWords
                && TryReadUuid(text.Slice(start, UuidBytes), seen, words[wordCount..], out template[0]))
            {
                at = start + UuidBytes;
                wordCount += 2;
                return 1;
            }
            if ((seen & Digit) == 0) return run.Length;
            var isMixed = (seen & (LowerHexLetter | UpperHexLetter)) == (LowerHexLetter | UpperHexLetter);
            var isLong = seen == Digit ? run.Length > MaxNumberDigits : run.Length >= MinHexDigits && !isMixed;
            if (isLong) return Hex(run, (seen & UpperHexLetter) != 0 ? UpperHex : LowerHex, template, words, ref wordCount);
            if (groups > 1) return run.Length;
        }
        return Single(run, template, words, ref wordCount);
    }

    private static int Hex(ReadOnlySpan<byte> run, byte marker, Span<byte> template, Span<long> words, ref int wordCount)
    {
        if ((run.Length + WordDigits - 1) / WordDigits > MaxWords - wordCount) return run.Length;
        var to = 0;
        for (; !run.IsEmpty; to += 2)
        {
            var digits = Math.Min(run.Length, WordDigits);
            words[wordCount++] = (long)ReadHex(run[..digits]);
            run = run[digits..];
            template[to] = marker;
            template[to + 1] = (byte)digits;
        }
        return to;
    }

    /// <summary>A run with one group of digits: "42", "user42", "15ms". Its text stands in the template already.</summary>
    private static int Single(ReadOnlySpan<byte> run, Span<byte> template, Span<long> words, ref int wordCount)
    {
        if (wordCount == MaxWords) return run.Length;
        var digitsAt = 0;
        while ((uint)(run[digitsAt] - '0') > 9) digitsAt++;
        var end = digitsAt;
        while (end < run.Length && (uint)(run[end] - '0') <= 9) end++;
        // Leading zeros are text, but a zero alone is a number.
        while (digitsAt < end - 1 && run[digitsAt] == (byte)'0') digitsAt++;
        if (end - digitsAt > MaxNumberDigits) return run.Length;
        ulong number = 0;
        foreach (var digit in run[digitsAt..end]) number = (number * 10) + (uint)(digit - '0');
        if (number > long.MaxValue) return run.Length;
        words[wordCount++] = (long)number;
        template[digitsAt] = Number;
        run[end..].CopyTo(template[(digitsAt + 1)..]);
        return digitsAt + 1 + run.Length - end;
    }

    /// <summary>
    /// Reads 8-4-4-4-12 digits in one case into two words. The version digit is moved to the top of the first, so that its constant bits, like the variant's at the top of the second, cost nothing, and
    /// ids that begin with a time keep the order of their times.
    /// </summary>
    private static bool TryReadUuid(ReadOnlySpan<byte> text, int seen, Span<long> words, out byte marker)
    {
        marker = text[0];
        // The first eight have been looked at; three loads cover all. A dash stands at 8, 13, 18 and 23.
        if (!IsUuidPart(text, 0b0010_0001_0000_0000, ref seen) || !IsUuidPart(text[16..], 0b0000_0000_1000_0100, ref seen) || !IsUuidPart(text[20..], 0b0000_0000_0000_1000, ref seen)) return false;
        if ((seen & (LowerHexLetter | UpperHexLetter)) == (LowerHexLetter | UpperHexLetter)) return false;
        var high = (ReadHex8(text) << 32) | (ReadHex4(text[9..]) << 16) | ReadHex4(text[14..]);
        var low = (ReadHex4(text[19..]) << 48) | (ReadHex4(text[24..]) << 32) | ReadHex8(text[28..]);
        words[0] = (long)(((high & 0xF000) << 48) | (high >> 16 << 12) | (high & 0xFFF));
        words[1] = (long)low;
        marker = (seen & UpperHexLetter) != 0 ? UpperUuid : LowerUuid;
        return true;
    }

    /// <summary>Sixteen bytes: dashes where the bits say, hexadecimal digits elsewhere.</summary>
    private static bool IsUuidPart(ReadOnlySpan<byte> text, uint dashes, ref int seen)
    {
        var bytes = Vector128.Create(text[..Vector128<byte>.Count]);
        var digits = Vector128.LessThanOrEqual(bytes - Vector128.Create((byte)'0'), Vector128.Create((byte)9)).ExtractMostSignificantBits();
        var lower = Vector128.LessThanOrEqual(bytes - Vector128.Create((byte)'a'), Vector128.Create((byte)5)).ExtractMostSignificantBits();
        var upper = Vector128.LessThanOrEqual(bytes - Vector128.Create((byte)'A'), Vector128.Create((byte)5)).ExtractMostSignificantBits();
        seen |= (lower != 0 ? LowerHexLetter : 0) | (upper != 0 ? UpperHexLetter : 0);
        return Vector128.Equals(bytes, Vector128.Create((byte)'-')).ExtractMostSignificantBits() == dashes && (digits | lower | upper) == (dashes ^ 0xFFFF);
    }

    private static void WriteUuid(long first, long second, bool upper, Span<byte> into)
    {
        var high = ((ulong)first & 0x0FFF_FFFF_FFFF_F000) << 4 | ((ulong)first >> 60 << 12) | ((ulong)first & 0xFFF);
        var low = (ulong)second;
        WriteHex8((uint)(high >> 32), upper, into);
        into[8] = (byte)'-';
        WriteHex4((uint)(high >> 16) & 0xFFFF, upper, into[9..]);
        into[13] = (byte)'-';
        WriteHex4((uint)high & 0xFFFF, upper, into[14..]);
        into[18] = (byte)'-';
        WriteHex4((uint)(low >> 48), upper, into[19..]);
        into[23] = (byte)'-';
        WriteHex4((uint)(low >> 32) & 0xFFFF, upper, into[24..]);
        WriteHex8((uint)low, upper, into[28..]);
    }

    private static ulong ReadHex(ReadOnlySpan<byte> digits)
    {
        ulong value = 0;
        while (digits.Length >= 8)
        {
            value = (value << 32) | ReadHex8(digits);
            digits = digits[8..];
        }
        foreach (var digit in digits) value = (value << 4) | (uint)((digit & 0xF) + (9 * (digit >> 6)));
        return value;
    }

    /// <summary>Eight digits at once: each byte becomes its value, then neighbours are pushed together.</summary>
    private static ulong ReadHex8(ReadOnlySpan<byte> digits)
    {
        var text = BinaryPrimitives.ReadUInt64BigEndian(digits);
        var values = (text & 0x0F0F_0F0F_0F0F_0F0F) + (9 * (text >> 6 & 0x0101_0101_0101_0101));
        values = (values | (values >> 4)) & 0x00FF_00FF_00FF_00FF;
        values = (values | (values >> 8)) & 0x0000_FFFF_0000_FFFF;
        return (values | (values >> 16)) & 0xFFFF_FFFF;
    }

    private static ulong ReadHex4(ReadOnlySpan<byte> digits)
    {
        var text = BinaryPrimitives.ReadUInt32BigEndian(digits);
        var values = (text & 0x0F0F_0F0F) + (9 * (text >> 6 & 0x0101_0101));
        values = (values | (values >> 4)) & 0x00FF_00FF;
        return (values | (values >> 8)) & 0xFFFF;
    }

    private static bool TryWriteHex(ulong value, int width, bool upper, Span<byte> into)
    {
        if (width < WordDigits && value >> (4 * width) != 0) return false;
        for (; width >= 8; width -= 8) WriteHex8((uint)(value >> (4 * (width - 8))), upper, into[^width..]);
        for (; width > 0; width--)
        {
            var digit = (int)(value >> (4 * (width - 1))) & 0xF;
            into[^width] = (byte)(digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10);
        }
        return true;
    }

    private static void WriteHex8(uint value, bool upper, Span<byte> into)
    {
        ulong values = value;
        values = (values | (values << 16)) & 0x0000_FFFF_0000_FFFF;
        values = (values | (values << 8)) & 0x00FF_00FF_00FF_00FF;
        values = (values | (values << 4)) & 0x0F0F_0F0F_0F0F_0F0F;
        BinaryPrimitives.WriteUInt64BigEndian(into, Digits(values, upper));
    }

    private static void WriteHex4(uint value, bool upper, Span<byte> into)
    {
        ulong values = value;
        values = (values | (values << 8)) & 0x00FF_00FF;
        values = (values | (values << 4)) & 0x0F0F_0F0F;
        BinaryPrimitives.WriteUInt32BigEndian(into, (uint)Digits(values, upper));
    }

    /// <summary>Each byte, 0 to 15, as its digit.</summary>
    private static ulong Digits(ulong values, bool upper)
    {
        // A byte above 9 carries into its bit 4 when 6 is added.
        var letters = (values + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
        return values + 0x3030_3030_3030_3030 + (letters * (upper ? 'A' - '0' - 10UL : 'a' - '0' - 10UL));
    }
}
