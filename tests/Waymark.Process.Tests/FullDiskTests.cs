// A volume that fills up under the server: writes are refused with a retryable answer, reads go on, and room heals it.
using System.Diagnostics;
using System.Net;
using Waymark.Process.Tests.Harness;

namespace Waymark.Process.Tests;

public sealed class FullDiskTests
{
    /// <summary>Above the 64 MiB that the server keeps free by default, with room for its log.</summary>
    private const int VolumeMiB = 256;

    /// <summary>Log files take their room when they are made; small ones, so that the server soon asks for more.</summary>
    private const string SmallLogs = "store.log_file_bytes=2MiB";

    [Fact]
    public async Task On_a_full_disk_writes_are_refused_for_now_queries_go_on_and_room_heals_it()
    {
        using var folder = new TemporaryFolder();
        await using var volume = await SmallVolume.Mount(folder.Path, VolumeMiB);
        Assert.SkipWhen(volume is null, "a small tmpfs can't be mounted here (it takes root and a kernel that allows it)");
        await using var waymark = await WaymarkProcess.Start(Path.Combine(folder.Path, "data"), "--set", SmallLogs);

        var before = Request();
        Assert.Equal(HttpStatusCode.OK, await Send(waymark, before));

        var ballast = Path.Combine(folder.Path, "ballast");
        FillUp(ballast);
        await WaitFor(waymark, isAccepted: false);
        await AssertThere(waymark, before);

        File.Delete(ballast);
        await WaitFor(waymark, isAccepted: true);
        var after = Request();
        Assert.Equal(HttpStatusCode.OK, await Send(waymark, after));

        await waymark.Kill();
        await waymark.Start();
        await AssertThere(waymark, before);
        await AssertThere(waymark, after);
        Assert.Equal(0, await waymark.Stop());
    }

    /// <summary>Sends new requests until one is answered as expected; every refusal on the way must be retryable and say when.</summary>
    private static async Task WaitFor(WaymarkProcess waymark, bool isAccepted)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(30))
        {
            var request = Request();
            var status = await Send(waymark, request);
            if (status == HttpStatusCode.OK) await AssertThere(waymark, request);
            if (status == HttpStatusCode.OK == isAccepted) return;
            if (status != HttpStatusCode.OK) await Task.Delay(100);
        }

        Assert.Fail($"Requests are {(isAccepted ? "refused" : "accepted")} still.\n{waymark.Child.Errors}");
    }

    private static async Task<HttpStatusCode> Send(WaymarkProcess waymark, SentRequest request)
    {
        using var answer = await waymark.Send(request.Body, request.ContentType);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
        }

        return answer.StatusCode;
    }

    private static async Task AssertThere(WaymarkProcess waymark, SentRequest request)
    {
        var trace = await waymark.WaitForTrace(request.Spans[0].TraceId, trace => trace.Spans.Count == request.Spans.Count);
        foreach (var span in request.Spans) Assert.True(span.Equals(Assert.Single(trace.Spans, stored => stored.SpanId == span.SpanId), request.Service));
    }

    private static SentRequest Request()
    {
        var traceId = Guid.NewGuid().ToString("N");
        var start = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        var spans = Enumerable.Range(1, 100).Select(i => new SentSpan(traceId, i.ToString("x16"), i == 1 ? "" : "0000000000000001", "write", start, start + i, new string('x', 500), i));
        return OtlpRequests.Encode("full-disk", [.. spans], asJson: false, asGzip: false);
    }

    /// <summary>Writes until the volume takes no more.</summary>
    private static void FillUp(string path)
    {
        var block = new byte[64 * 1024];
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) file.Write(block);
        }
        catch (IOException)
        {
            // Full: what this is for.
        }
    }
}
