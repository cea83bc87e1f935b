// Every way an OTLP/HTTP request can fail, and the google.rpc.Status it is answered with.
using System.Net;
using System.Text.Json;
using Waymark.Ingest.Admission;
using Waymark.Model.Limits;
using Waymark.Model.Stores;
using Waymark.Server.Hosting;
using Waymark.Server.Tests.Hosting;
using static Waymark.Server.Tests.Receivers.OtlpHttpTests;

namespace Waymark.Server.Tests.Receivers;

public sealed class OtlpHttpRefusalTests
{
    private static readonly int[] RetryableStatuses = [429, 502, 503, 504];

    /// <summary>Checks status code, encoding and Status body of an answer; returns the message.</summary>
    internal static async Task<string> ReadStatusAsync(HttpResponseMessage answer, int http, int code, bool isJson)
    {
        Assert.Equal(http, (int)answer.StatusCode);
        Assert.Equal(isJson ? Json : Protobuf, answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(RetryableStatuses.Contains(http), answer.Headers.RetryAfter is not null);
        if (isJson)
        {
            using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Assert.Equal(code, document.RootElement.GetProperty("code").GetInt32());
            return document.RootElement.GetProperty("message").GetString()!;
        }

        var status = ProtoFields.Parse(await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(code, status.Number(1));
        return status.Text(2);
    }

    [Theory]
    [InlineData(Protobuf)]
    [InlineData(Json)]
    public async Task A_malformed_body_is_400_with_reason_and_byte_offset_in_the_requests_encoding(string type)
    {
        await using var server = await TestServer.StartAsync();
        server.Store.Answer = static _ => new(WriteOutcome.Malformed, new DecodeReport { Malformed = Malformed.BadVarint, MalformedAt = 17 });
        using var answer = await server.Client.SendAsync(Post("/v1/traces", [1, 2, 3], type));
        var message = await ReadStatusAsync(answer, 400, 3, type == Json);
        Assert.Contains("a varint is longer than ten bytes (byte 17)", message);
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (type == Json)
        {
            using var document = JsonDocument.Parse(body);
            var detail = document.RootElement.GetProperty("details")[0];
            Assert.Equal("type.googleapis.com/google.rpc.BadRequest", detail.GetProperty("@type").GetString());
            Assert.Equal(message, detail.GetProperty("fieldViolations")[0].GetProperty("description").GetString());
        }
        else
        {
            var detail = ProtoFields.Parse(body).Message(3);
            Assert.Equal("type.googleapis.com/google.rpc.BadRequest", detail.Text(1));
            Assert.Equal(message, detail.Message(2).Message(1).Text(2));
        }
    }

    public static TheoryData<Refusal> Refusals => [.. Enum.GetValues<Refusal>().Where(static r => r != Refusal.None)];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_store_that_can_not_take_a_request_now_is_503_with_a_time_to_come_again(Refusal refusal)
    {
        await using var server = await TestServer.StartAsync();
        server.Store.Answer = _ => new(WriteOutcome.Refused, default, refusal);
        using var protobuf = await server.Client.SendAsync(Post("/v1/traces", [1], Protobuf));
        await ReadStatusAsync(protobuf, 503, 14, isJson: false);
        Assert.InRange(protobuf.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 5);
        var detail = ProtoFields.Parse(await protobuf.Content.ReadAsByteArrayAsync()).Message(3);
        Assert.Equal("type.googleapis.com/google.rpc.RetryInfo", detail.Text(1));
        Assert.Equal((long)protobuf.Headers.RetryAfter.Delta.Value.TotalSeconds, detail.Message(2).Message(1).Number(1));
        using var json = await server.Client.SendAsync(Post("/v1/traces", [1], Json));
        await ReadStatusAsync(json, 503, 14, isJson: true);
        Assert.Equal(2, server.Host.Counters.Snapshot().RefusedRequests[refusal]);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Another_method_is_405_and_names_the_one_that_works(string method)
    {
        await using var server = await TestServer.StartAsync();
        foreach (var path in new[] { "/v1/traces", "/v1/logs", "/" })
        {
            using var answer = await server.Client.SendAsync(new(new HttpMethod(method), path));
            await ReadStatusAsync(answer, 405, 12, isJson: true);
            Assert.Equal(["POST", "OPTIONS"], answer.Content.Headers.Allow);
        }
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-protobuffer")]
    [InlineData("application/grpc")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Another_content_type_is_415_and_names_what_is_supported(string? type)
    {
        await using var server = await TestServer.StartAsync();
        using var answer = await server.Client.SendAsync(Post("/v1/traces", [1, 2], type));
        var message = await ReadStatusAsync(answer, 415, 3, isJson: true);
        Assert.Contains("application/x-protobuf or application/json", message);
        Assert.Equal(1, server.Host.Counters.Snapshot().TurnedAwayRequests[TransportRefusal.ContentType]);
    }

    [Theory]
    [InlineData("deflate")]
    [InlineData("zstd")]
    [InlineData("gzip, gzip")]
    public async Task Another_compression_is_415_and_names_what_is_supported(string encoding)
    {
        await using var server = await TestServer.StartAsync();
        using var answer = await server.Client.SendAsync(Post("/v1/traces", [1, 2], Protobuf, encoding));
        Assert.Contains("use gzip or none", await ReadStatusAsync(answer, 415, 12, isJson: false));
        Assert.Contains("gzip", answer.Headers.GetValues("Accept-Encoding").Single());
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413_whether_its_length_is_announced_or_not_and_one_at_the_limit_is_taken()
    {
        await using var server = await TestServer.StartAsync(static o => o with { MaxRequestBytes = 10_000 });
        foreach (var chunked in new[] { false, true })
        {
            foreach (var path in new[] { "/v1/traces", "/v1/metrics" })
            {
                var over = Post(path, new byte[10_001], Protobuf);
                over.Headers.TransferEncodingChunked = chunked;
                using var refused = await server.Client.SendAsync(over);
                Assert.Contains("10000 bytes", await ReadStatusAsync(refused, 413, 8, isJson: false));
            }

            var at = Post("/v1/traces", new byte[10_000], Protobuf);
            at.Headers.TransferEncodingChunked = chunked;
            using var taken = await server.Client.SendAsync(at);
            Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        }
    }

    [Fact]
    public async Task A_gzip_bomb_is_413_within_bounded_memory()
    {
        await using var server = await TestServer.StartAsync(static o => o with { MaxRequestBytes = 4 << 20 });
        // 512 MiB of zeros in about half a megabyte.
        using var compressed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(compressed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var i = 0; i < 512; i++) gzip.Write(new byte[1 << 20]);
        }

        var bomb = compressed.ToArray();
        // Its trailer confesses 512 MiB; a liar confesses nothing.
        var liar = (byte[])bomb.Clone();
        liar.AsSpan(^4..).Clear();
        foreach (var body in new[] { bomb, liar })
        {
            var before = GC.GetTotalAllocatedBytes();
            using var answer = await server.Client.SendAsync(Post("/v1/traces", body, Protobuf, "gzip"));
            await ReadStatusAsync(answer, 413, 8, isJson: false);
            Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 24 << 20);
        }

        Assert.Equal(0, server.Host.Services.InFlight().Used);
        Assert.Empty(server.Store.Written);
    }

    public static TheoryData<string> CorruptGzips => ["not gzip", "header alone", "cut in the data", "cut in the trailer", "wrong checksum", "wrong length", "trailing bytes", "second member cut"];

    [Theory]
    [MemberData(nameof(CorruptGzips))]
    public async Task Corrupt_gzip_is_400_and_nothing_of_it_is_stored(string what)
    {
        await using var server = await TestServer.StartAsync();
        var body = new byte[20_000];
        new Random(5).NextBytes(body.AsSpan(0, 10_000));
        var good = Gzip(body);
        byte[] bad = what switch
        {
            "not gzip" => body,
            "header alone" => good[..10],
            "cut in the data" => good[..^100],
            "cut in the trailer" => good[..^3],
            "wrong checksum" => [.. good[..^8], (byte)(good[^8] ^ 1), .. good[^7..]],
            "wrong length" => [.. good[..^4], (byte)(good[^4] ^ 1), .. good[^3..]],
            "trailing bytes" => [.. good, 1, 2, 3],
            _ => [.. good, .. good[..^20]],
        };
        using var answer = await server.Client.SendAsync(Post("/v1/traces", bad, Protobuf, "gzip"));
        Assert.Contains("not valid gzip", await ReadStatusAsync(answer, 400, 3, isJson: false));
        Assert.Empty(server.Store.Written);
    }

    [Fact]
    public async Task Gzip_of_several_members_is_one_body()
    {
        await using var server = await TestServer.StartAsync();
        byte[] one = [1, 2, 3], two = new byte[50_000];
        using var answer = await server.Client.SendAsync(Post("/v1/traces", [.. Gzip(one), .. Gzip(two), .. Gzip(one)], Protobuf, "gzip"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal([.. one, .. two, .. one], server.Store.Written.Single().Body);
    }

    [Fact]
    public async Task An_unknown_path_on_the_otlp_port_is_404_and_says_where_traces_go()
    {
        await using var server = await TestServer.StartAsync();
        using var answer = await server.Client.SendAsync(Post("/v1/trace", [1], Protobuf));
        Assert.Contains("/v1/traces", await ReadStatusAsync(answer, 404, 12, isJson: false));
    }

    [Fact]
    public async Task Bodies_beyond_the_budget_in_flight_are_told_to_come_again_and_taken_when_there_is_room()
    {
        await using var server = await TestServer.StartAsync(static o => o with { MaxInFlightBytes = 300_000 });
        server.Store.Gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = server.Client.SendAsync(Post("/v1/traces", new byte[200_000], Protobuf));
        await Eventually.TrueAsync(() => server.Host.Services.InFlight().Used == 200_000);
        using var refused = await server.Client.SendAsync(Post("/v1/traces", new byte[200_000], Protobuf));
        await ReadStatusAsync(refused, 503, 14, isJson: false);
        server.Store.Gate.SetResult();
        using var taken = await first;
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        using var again = await server.Client.SendAsync(Post("/v1/traces", new byte[200_000], Protobuf));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(0, server.Host.Services.InFlight().Used);
    }

    [Fact]
    public async Task A_fault_of_ours_is_500_and_the_server_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        server.Store.Answer = static _ => throw new InvalidOperationException("a bug");
        using var answer = await server.Client.SendAsync(Post("/v1/traces", [1], Protobuf));
        Assert.DoesNotContain("a bug", await ReadStatusAsync(answer, 500, 13, isJson: false));
        server.Store.Answer = static _ => new(WriteOutcome.Stored, default);
        using var next = await server.Client.SendAsync(Post("/v1/traces", [1], Protobuf));
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }
}
