// Starting, stopping, and two servers that want the same data.
using System.Net;
using Waymark.Process.Tests.Harness;

namespace Waymark.Process.Tests;

public sealed class LifetimeTests
{
    private const string Service = "lifetime";

    [Fact]
    public async Task The_first_start_is_ready_within_a_second()
    {
        var best = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 5 && best >= TimeSpan.FromSeconds(1); attempt++)
        {
            await using var waymark = await WaymarkProcess.Start();
            if (waymark.TimeToReady < best) best = waymark.TimeToReady;
        }

        Assert.True(best < TimeSpan.FromSeconds(1), $"Ready after {best.TotalMilliseconds:F0} ms at best.");
    }

    [Fact]
    public async Task SIGTERM_ends_with_code_0_and_what_was_stored_is_there_after_a_restart()
    {
        await using var waymark = await WaymarkProcess.Start();
        var spans = Spans(count: 50);
        await SendAll(waymark, spans);

        Assert.Equal(0, await waymark.Stop());
        await waymark.Start();

        await AssertStoredOnce(waymark, spans);
    }

    [Fact]
    public async Task A_killed_server_has_everything_it_acknowledged_after_a_restart()
    {
        await using var waymark = await WaymarkProcess.Start();
        var spans = Spans(count: 50);
        await SendAll(waymark, spans);

        await waymark.Kill();
        await waymark.Start();

        await AssertStoredOnce(waymark, spans);
    }

    [Fact]
    public async Task The_same_request_sent_twice_is_stored_once_even_across_a_kill()
    {
        await using var waymark = await WaymarkProcess.Start();
        var spans = Spans(count: 10);
        await SendAll(waymark, spans);
        await SendAll(waymark, spans);
        await waymark.Kill();
        await waymark.Start();
        await SendAll(waymark, spans);

        await AssertStoredOnce(waymark, spans);
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_refuses_and_names_the_first()
    {
        await using var waymark = await WaymarkProcess.Start();

        var (code, _, errors) = await ChildProcess.Run(Repository.Waymark, WaymarkProcess.Arguments(waymark.DataFolder), Path.GetTempPath(), TimeSpan.FromSeconds(30));

        Assert.NotEqual(0, code);
        Assert.Contains(waymark.Child.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), errors, StringComparison.Ordinal);
        var spans = Spans(count: 3);
        await SendAll(waymark, spans);
        await AssertStoredOnce(waymark, spans);
    }

    private static async Task SendAll(WaymarkProcess waymark, IReadOnlyList<SentSpan> spans)
    {
        var request = OtlpRequests.Encode(Service, spans, asJson: false, asGzip: false);
        using var answer = await waymark.Send(request.Body, request.ContentType);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task AssertStoredOnce(WaymarkProcess waymark, IReadOnlyList<SentSpan> spans)
    {
        var trace = await waymark.WaitForTrace(spans[0].TraceId, trace => trace.Spans.Count >= spans.Count);
        Assert.Equal(spans.Count, trace.Spans.Count);
        foreach (var span in spans) Assert.True(span.Equals(Assert.Single(trace.Spans, stored => stored.SpanId == span.SpanId), Service), $"{span} came back changed.");
    }

    private static List<SentSpan> Spans(int count)
    {
        var traceId = Guid.NewGuid().ToString("N");
        var start = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        return [.. Enumerable.Range(1, count).Select(i => new SentSpan(traceId, i.ToString("x16"), i == 1 ? "" : (i / 2).ToString("x16"), $"step {i}", start + i, start + (2 * i), $"m{i}", i))];
    }
}
