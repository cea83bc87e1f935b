// Templates: a split text comes back byte for byte, and what counts as a variable is what the document says.
using System.Globalization;
using System.Text;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class TemplatesTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text", "plain text")]
    [InlineData("GET /cart/42", "GET /cart/# 2A")]
    [InlineData("0", "# 0")]
    [InlineData("007", "00# 7")]
    [InlineData("000", "00# 0")]
    [InlineData("10.0.25.1", "#.#.#.# A 0 19 1")]
    [InlineData("-3.50", "-#.# 3 32")]
    [InlineData("user42 at 15ms", "user# at #ms 2A F")]
    [InlineData("k8s a1b2 x9Yz8", "k#s a1b2 x9Yz8 8")]
    [InlineData("1767225600000000000", "# 18867251EDFA0000")]
    [InlineData("ORD-9F3A01BC", "ORD-<X8> 9F3A01BC")]
    [InlineData("ORD-9f3a01bC", "ORD-9f3a01bC")]
    [InlineData("deadbeef", "deadbeef")]
    [InlineData("dead2beef", "<x9> DEAD2BEEF")]
    [InlineData("abc123d", "abc#d 7B")]
    [InlineData("0af7651916cd43dd8448eb211c80319c", "<x16><x16> AF7651916CD43DD 8448EB211C80319C")]
    [InlineData("12345678901234567890", "<x16><x4> 1234567890123456 7890")]
    [InlineData("9999999999999999999", "9999999999999999999")]
    [InlineData("x99999999999999999999", "x99999999999999999999")]
    [InlineData("9e107d9d-372b-4b68-8a0f-1f7e7d6f3a21", "<u> 49E107D9D372BB68 8A0F1F7E7D6F3A21")]
    [InlineData("deadbeef-feed-cafe-babe-abcdefabcdef!", "<u>! CDEADBEEFFEEDAFE BABEABCDEFABCDEF")]
    [InlineData("9E107D9D-372B-4B68-8A0F-1F7E7D6F3A21", "<U> 49E107D9D372BB68 8A0F1F7E7D6F3A21")]
    [InlineData("00000000-0000-0000-0000-000000000000", "<u> 0 0")]
    [InlineData("9e107d9d-372b-4b68-8A0F-1f7e7d6f3a21", "<x8>-#b-4b68-8A0F-<x12> 9E107D9D 174 1F7E7D6F3A21")]
    [InlineData("9e107d9d-372b-4b68-8a0f_1f7e7d6f3a21", "<x8>-#b-4b68-8a0f_<x12> 9E107D9D 174 1F7E7D6F3A21")]
    public void A_text_is_split_as_the_document_says(string text, string expected) => Assert.Equal(expected, Show(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Bytes_that_look_like_markers_are_text()
    {
        Assert.Equal(@"\F8\FF# 2", Show([0xF8, 0xFF, (byte)'2']));
        Assert.Equal("<x8>\\F9 1234ABCD", Show([.. "1234abcd"u8, 0xF9]));
    }

    [Fact]
    public void Every_text_comes_back()
    {
        var random = new Random(21);
        for (var round = 0; round < TestScale.Of(3_000); round++)
        {
            foreach (var kind in TextSamples.Kinds) Comes_back(TextSamples.Make(kind, random));
            Comes_back([.. TextSamples.Make("digits", random), .. TextSamples.Make("markers", random), .. TextSamples.Make("uuid", random), .. TextSamples.Make("hex32", random)]);
            Comes_back(Encoding.ASCII.GetBytes(new string(random.GetItems<char>("0189afAFgG-._", random.Next(80)))));
        }
        foreach (var bytes in TextSamples.Bytes()) Comes_back(bytes);
    }

    [Theory]
    [InlineData("customer_id = 77", "ustomer_id = ")]
    [InlineData(" customer_id = 77", " customer_id = ")]
    [InlineData("77", "")]
    [InlineData("feed", "")]
    [InlineData(" feedfeed ", " ")]
    [InlineData("9abcxyz", "xyz")]
    [InlineData("a-b", "")]
    public void The_plain_part_of_a_text_has_nothing_a_variable_can_be(string text, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Templates.LongestPlain(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void The_plain_part_of_any_piece_of_a_text_stands_in_its_template()
    {
        var random = new Random(23);
        var words = new long[Templates.MaxWords];
        for (var round = 0; round < TestScale.Of(20_000); round++)
        {
            byte[] text = round % 2 == 0
                ? [.. TextSamples.Make(random.GetItems(TextSamples.Kinds, 1)[0], random), .. TextSamples.Make("uuid", random), .. TextSamples.Make(random.GetItems(TextSamples.Kinds, 1)[0], random)]
                : Encoding.ASCII.GetBytes(new string(random.GetItems<char>("0189afAFgG-._ ", random.Next(1, 80))));
            if (text.Length == 0) continue;
            var from = random.Next(text.Length);
            var part = text.AsSpan(from, random.Next(text.Length - from) + 1);
            var template = new byte[Templates.MaxTemplateBytes(text.Length)];
            var length = Templates.Split(text, template, words, out _);
            Assert.True(template.AsSpan(0, length).IndexOf(Templates.LongestPlain(part)) >= 0, $"{Encoding.Latin1.GetString(part)} of {Encoding.Latin1.GetString(text)}");
        }
    }

    [Fact]
    public void Texts_are_split_by_the_rules_of_the_document_wherever_in_a_text_they_stand()
    {
        var random = new Random(23);
        string[] pieces =
        [
            "deadbeef-feed-cafe-babe-abcdefabcdef", "9e107d9d-372b-4b68-8a0f-1f7e7d6f3a21", "9E107D9D-372B-4B68-8A0F-1F7E7D6F3A21", "9e107d9d-372b-4b68-8a0f", "12345678-1234", "-", "_", " ", "é", "ÿ",
            "0", "00", "7", "12345678", "00345678", "1234567890123456789", "9999999999999999999", "12345678901234567890123", "abcdef12", "ABCDEF12", "abcDEF12", "face", "abcdefgh", "user", "v", "x", "sixteenletterstogether",
        ];
        for (var round = 0; round < TestScale.Of(30_000); round++)
        {
            var text = Encoding.Latin1.GetBytes(string.Concat(random.GetItems(pieces, random.Next(1, 9))));
            if (random.Next(4) == 0) text[random.Next(text.Length)] = (byte)random.Next(256);
            Assert.Equal(Encoding.Latin1.GetString(text) + ": " + NaiveTemplates.Show(text), Encoding.Latin1.GetString(text) + ": " + Show(text));
        }
    }

    [Fact]
    public void Texts_with_more_variables_than_there_is_room_for_keep_the_rest_as_text()
    {
        var text = Encoding.ASCII.GetBytes(string.Join(',', Enumerable.Range(1, 50)));
        var words = Comes_back(text);
        Assert.Equal(Enumerable.Range(1, Templates.MaxWords).Select(i => (long)i), words);
        // Nothing begins that would not fit whole.
        text = Encoding.ASCII.GetBytes(string.Join(',', Enumerable.Range(1, 31)) + ",9e107d9d-372b-4b68-8a0f-1f7e7d6f3a21 0af7651916cd43dd8448eb211c80319c");
        Assert.True(Comes_back(text).Length <= Templates.MaxWords);
    }

    [Fact]
    public void Bytes_that_are_no_template_are_never_measured_and_what_is_measured_joins_or_says_no()
    {
        var random = new Random(22);
        var into = new byte[400];
        for (var round = 0; round < TestScale.Of(20_000); round++)
        {
            var template = TextSamples.Make("markers", random);
            if (!Templates.TryMeasure(template, out var count, out var longest)) continue;
            Assert.InRange(count, 0, Templates.MaxWords);
            var words = Enumerable.Range(0, count).Select(_ => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64)).ToArray();
            if (Templates.TryJoin(template, words, into, out var written)) Assert.True(written <= longest);
            Templates.TryJoin(template, words, into.AsSpan(0, random.Next(10)), out _);
        }
    }

    private static long[] Comes_back(byte[] text)
    {
        var template = new byte[Templates.MaxTemplateBytes(text.Length)];
        var words = new long[Templates.MaxWords];
        var length = Templates.Split(text, template, words, out var count);
        Assert.True(Templates.TryMeasure(template.AsSpan(0, length), out var measured, out var longest));
        Assert.Equal(count, measured);
        Assert.True(text.Length <= longest);
        var back = new byte[text.Length];
        Assert.True(Templates.TryJoin(template.AsSpan(0, length), words.AsSpan(0, count), back, out var written), Convert.ToHexString(text));
        Assert.Equal(text.Length, written);
        Assert.Equal(text, back);
        if (text.Length > 0) Assert.False(Templates.TryJoin(template.AsSpan(0, length), words.AsSpan(0, count), back.AsSpan(1), out _));
        return words[..count];
    }

    /// <summary>The template with variables drawn, then the words in hexadecimal.</summary>
    private static string Show(byte[] text)
    {
        var template = new byte[Templates.MaxTemplateBytes(text.Length)];
        var words = new long[Templates.MaxWords];
        var length = Templates.Split(text, template, words, out var count);
        var shown = new StringBuilder();
        for (var i = 0; i < length; i++)
        {
            shown.Append(template[i] switch
            {
                0xF8 => "#",
                0xF9 => $"<x{template[++i]}>",
                0xFA => $"<X{template[++i]}>",
                0xFB => "<u>",
                0xFC => "<U>",
                0xFF => $"\\{template[++i]:X2}",
                var other => ((char)other).ToString(),
            });
        }
        foreach (var word in words.AsSpan(0, count)) shown.Append(CultureInfo.InvariantCulture, $" {word:X}");
        return shown.ToString();
    }
}
