// Cursors survive the journey through a URL, and nothing else passes for one.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Search;

namespace Waymark.Query.Tests.Search;

public sealed class TraceCursorTextTests
{
    [Fact]
    public void A_cursor_comes_back_and_needs_no_escaping()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var cursor = new TraceCursor(new UnixNanos(random.NextInt64()), new TraceId((ulong)random.NextInt64(), (ulong)random.NextInt64()));
            var text = TraceCursorText.Encode(cursor);
            Assert.Equal(text, Uri.EscapeDataString(text));
            Assert.True(TraceCursorText.TryDecode(text, out var back));
            Assert.Equal(cursor, back);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAé")]
    [InlineData("_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Anything_else_is_no_cursor(string? text) => Assert.False(TraceCursorText.TryDecode(text, out _));
}
