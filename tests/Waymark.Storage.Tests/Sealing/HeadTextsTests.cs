// The texts of one column over several heads under one numbering: a text that several have goes by one number, and no two texts do.
using System.Text;
using Waymark.Storage.Head;
using Waymark.Storage.Sealing;

namespace Waymark.Storage.Tests.Sealing;

public sealed class HeadTextsTests
{
    [Fact]
    public void Numbers_lead_to_the_texts_and_tell_them_apart_unless_a_head_gave_up()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            // Few and many, none and no dictionary at all; of the same texts or of others.
            var heads = new TextDictionary?[random.Next(1, 6)];
            for (var h = 0; h < heads.Length; h++)
            {
                if (random.Next(5) == 0) continue;
                heads[h] = new TextDictionary();
                var texts = random.Next(4) == 0 ? 0 : random.Next(1, 300);
                for (var t = 0; t < texts; t++) heads[h]!.Intern(Encoding.UTF8.GetBytes($"text {random.Next(400)}"));
                if (round % 20 == 19) GiveUp(heads[h]!);
            }
            using (var texts = new HeadTexts(heads)) Check(heads, texts);
            foreach (var head in heads) head?.Dispose();
        }
    }

    private static void Check(TextDictionary?[] heads, HeadTexts texts)
    {
        Assert.Equal(!Array.Exists(heads, h => h is { GaveUp: true }), texts.AreDistinct);
        Assert.Equal(heads.Sum(h => h?.Count ?? 0), texts.Count);
        var numberOf = new Dictionary<string, int>();
        var textOf = new Dictionary<int, string>();
        for (var h = 0; h < heads.Length; h++)
        {
            for (var code = 0; code < (heads[h]?.Count ?? 0); code++)
            {
                var number = texts.Code(h, code);
                var text = Encoding.UTF8.GetString(heads[h]![code]);
                Assert.InRange(number, 0, texts.Count - 1);
                Assert.Equal(text, Encoding.UTF8.GetString(texts[number]));
                Assert.Equal(number, texts.Numbers(h) is { } numbers ? numbers[code] : code);
                Assert.Equal(text, textOf.TryGetValue(number, out var known) ? known : textOf[number] = text);
                if (texts.AreDistinct) Assert.Equal(number, numberOf.TryGetValue(text, out var same) ? same : numberOf[text] = number);
            }
        }
    }

    private static void GiveUp(TextDictionary texts)
    {
        for (var t = 0; !texts.GaveUp; t++) texts.Intern(Encoding.UTF8.GetBytes($"another {t}"));
        texts.Intern("twice"u8);
        texts.Intern("between"u8);
        texts.Intern("twice"u8);
    }
}
