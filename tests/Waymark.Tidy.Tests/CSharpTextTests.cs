// The tidy tests stand on this: literals and comments must never be taken for code.
namespace Waymark.Tidy.Tests;

public sealed class CSharpTextTests
{
    [Theory]
    [InlineData("a // { \" '\nb", "a\nb")]
    [InlineData("a /* { \n } */ b", "a\nb")]
    [InlineData("\"{\\\"{\" }", "}")]
    [InlineData("@\"{\"\"{\" }", "}")]
    [InlineData("'{' '\\'' }", "}")]
    [InlineData("$\"{a(\"}\")}{{\" }", "}")]
    [InlineData("$\"{a:x}}}\" }", "}")]
    [InlineData("\"\"\"{ \" \"\" \"\"\" }", "}")]
    [InlineData("$$\"\"\"{ {{x}} }\"\"\" }", "}")]
    public void Literals_and_comments_become_blanks(string source, string left)
    {
        var blanked = CSharpText.Blank(source);
        Assert.Equal(source.Length, blanked.Length);
        Assert.Equal(left, blanked.Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Members_are_found_with_their_length()
    {
        const string Source = """
            // A file.
            namespace A;
            public sealed class B<T>(int x = 1) where T : class
            {
                private static readonly int[] Table = new[]
                {
                    1,
                };

                [Attribute("{")]
                public int C(int a = 2)
                {
                    if (a > 1) { return 2; }
                    return $"{a} {{".Length;
                }

                public int D
                {
                    get { return 1; }
                }

                public int E(int a) => a switch
                {
                    _ => 1,
                };

                private enum F
                {
                    G,
                }
            }
            """;

        Assert.Equal([new Member("C", 10, 6), new Member("D", 17, 4), new Member("E", 22, 4)], CSharpText.Members(Source));
    }
}
