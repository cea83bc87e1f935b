// Sample log files of every version: whatever was acknowledged by an old release is taken by every later one.
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Storage.Wal;

namespace Waymark.Storage.Tests.Wal;

/// <summary>How to add the next: <see cref="Frozen"/>.</summary>
public sealed class FrozenLogTests
{
    private const string Latest = "log-1.0.wal";
    private const string Json = """{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00000000000000000000000000000007","spanId":"0000000000000007","name":"größe","startTimeUnixNano":"7","endTimeUnixNano":"9"}]}]}]}""";

    private static readonly Guid StoreId = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly UnixNanos ReceivedAt = new(1_700_000_000_123_456_789);

    /// <summary>An export request of one span, by hand: resource spans, scope spans, span with ids, a name and two times.</summary>
    private static readonly byte[] Protobuf =
    [
        0x0A, 0x36, 0x12, 0x34, 0x12, 0x32,
        0x0A, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5,
        0x12, 8, 0, 0, 0, 0, 0, 0, 0, 3,
        0x2A, 2, (byte)'o', (byte)'p',
        0x39, 1, 0, 0, 0, 0, 0, 0, 0,
        0x41, 2, 0, 0, 0, 0, 0, 0, 0,
    ];

    private static readonly Lazy<byte[]> LatestSample = new(() => Frozen.Load(Latest, Written));

    public static TheoryData<string> Samples => [.. Frozen.All("log-").Append(Latest).Distinct()];

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_sample_of_every_version_gives_the_records_that_were_written(string name)
    {
        var disk = new MemoryFileSystem();
        using (var file = disk.Create("/wal/0000000000000011.wal")) file.Write(name == Latest ? LatestSample.Value : Frozen.Read(name), 0);
        var read = new List<(WalRecord Record, byte[] Payload)>();
        var result = WalReplay.Run(disk, "/wal", StoreId, after: 16, (in WalRecord record) => read.Add((record with { Payload = default }, record.Payload.ToArray())), NullLogger.Instance);
        Assert.Equal((20ul, 4, 0), (result.LastSequence, result.Records, result.TornTails));
        Assert.Empty(result.Alarms);
        Assert.Equal(
        [
            new WalRecord(17, BodyKind.OtlpProtobuf, BodyCodec.None, false, 0, ReceivedAt, 1, Protobuf.Length, 1, default),
            new WalRecord(18, BodyKind.OtlpJson, BodyCodec.None, false, 3, ReceivedAt + new DurationNanos(1), UInt128.MaxValue, Encoding.UTF8.GetByteCount(Json), 1, default),
            new WalRecord(19, BodyKind.OtlpJson, BodyCodec.Gzip, false, 0, ReceivedAt + new DurationNanos(2), 2, Encoding.UTF8.GetByteCount(Json), 1, default),
            new WalRecord(20, BodyKind.OtlpProtobuf, BodyCodec.None, true, 0, ReceivedAt + new DurationNanos(3), 3, Protobuf.Length, 1, default),
        ],
            read.Select(r => r.Record));
        Assert.Equal(Protobuf, read[0].Payload);
        Assert.Equal(Json, Encoding.UTF8.GetString(read[1].Payload));
        using var gzip = new GZipStream(new MemoryStream(read[2].Payload), CompressionMode.Decompress);
        Assert.Equal(Json, new StreamReader(gzip).ReadToEnd());
        Assert.Equal(Protobuf, read[3].Payload);
    }

    private static byte[] Written()
    {
        var disk = new FaultFileSystem();
        var log = WriteAheadLog.Open(disk, "/wal", new WalOptions { FileBytes = 2_048 }, StoreId, 17, new TestTime(), NullLogger.Instance);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(Json));
        var json = Encoding.UTF8.GetBytes(Json);
        foreach (var entry in new[]
        {
            new WalEntry(BodyKind.OtlpProtobuf, BodyCodec.None, false, 0, ReceivedAt, 1, Protobuf.Length, 1, Protobuf),
            new WalEntry(BodyKind.OtlpJson, BodyCodec.None, false, 3, ReceivedAt + new DurationNanos(1), UInt128.MaxValue, json.Length, 1, json),
            new WalEntry(BodyKind.OtlpJson, BodyCodec.Gzip, false, 0, ReceivedAt + new DurationNanos(2), 2, json.Length, 1, compressed.ToArray()),
            new WalEntry(BodyKind.OtlpProtobuf, BodyCodec.None, true, 0, ReceivedAt + new DurationNanos(3), 3, Protobuf.Length, 1, Protobuf),
        })
        {
            Assert.Equal(WalOutcome.Durable, log.Append(entry).Completion.AsTask().GetAwaiter().GetResult());
        }
        var content = disk.Disk.Content(disk.List("/wal").Single());
        log.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return content;
    }
}
