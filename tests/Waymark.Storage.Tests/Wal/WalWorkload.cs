// A log, what was put into it and what came of that, and the judge of what is read back.
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Storage.Wal;

namespace Waymark.Storage.Tests.Wal;

internal sealed record Appended(ulong Sequence, WalEntry Entry, WalOutcome Outcome);

internal sealed class WalWorkload(Random random)
{
    public const string Root = "/store/wal";
    public static readonly Guid StoreId = new("5f0c1e0e-6a57-4f2a-9a7e-2f3f3a3b0c11");

    public TestTime Time { get; } = new();
    public List<Appended> Appended { get; } = [];
    public ulong Covered { get; set; }

    public static WalOptions Options(long fileBytes = 2048, Durability durability = Durability.Sync) => new() { FileBytes = fileBytes, Durability = durability };

    public WriteAheadLog Open(IFileSystem fs, WalOptions options, ulong next = 1) =>
        WriteAheadLog.Open(fs, Root, options, StoreId, next, Time, NullLogger.Instance);

    public WalEntry Entry(int payloadBytes)
    {
        var payload = new byte[payloadBytes];
        random.NextBytes(payload);
        return new WalEntry(
            random.Next(2) == 0 ? BodyKind.OtlpProtobuf : BodyKind.OtlpJson,
            random.Next(2) == 0 ? BodyCodec.None : BodyCodec.Gzip,
            random.Next(2) == 0,
            (uint)random.Next(),
            new UnixNanos(random.NextInt64()),
            new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()),
            random.Next(),
            random.Next(),
            payload);
    }

    /// <summary>Appends a batch at once, waits for all of it, and moves the clock by 2 s so that a full log looks again.</summary>
    public async Task AppendAsync(WriteAheadLog log, params int[] sizes)
    {
        var waiting = sizes.Select(size => Entry(size)).Select(entry => (Entry: entry, Ticket: log.Append(entry))).ToList();
        foreach (var (entry, ticket) in waiting) Appended.Add(new Appended(ticket.Sequence, entry, await ticket.Completion));
        Time.Advance(TimeSpan.FromSeconds(2));
    }

    public (List<WalRecord> Records, WalReplayResult Result) Replay(IFileSystem fs)
    {
        var records = new List<WalRecord>();
        var result = WalReplay.Run(
            fs,
            Root,
            StoreId,
            Covered,
            (in WalRecord record) => records.Add(record with { Payload = record.Payload.ToArray() }),
            NullLogger.Instance);
        return (records, result);
    }

    /// <summary>Everything acknowledged is there once, in order, byte for byte; nothing else is, but what was written last and never answered well.</summary>
    /// <param name="adopt">A next life starts from here: what it reads counts from now on, however it was answered.</param>
    public WalReplayResult Check(IFileSystem fs, string context, bool adopt = false)
    {
        var (records, result) = Replay(fs);
        var bySequence = Appended.Where(appended => appended.Sequence > 0).ToLookup(appended => appended.Sequence);
        ulong last = Covered;
        foreach (var record in records)
        {
            Assert.True(record.Sequence > last, $"{context}: {record.Sequence} after {last}");
            last = record.Sequence;
            var match = bySequence[record.Sequence].FirstOrDefault(appended => Same(appended.Entry, record));
            Assert.True(match is not null, $"{context}: record {record.Sequence} was never appended");
            if (match.Outcome == WalOutcome.Durable) continue;
            var later = Appended.Where(appended => appended.Sequence > record.Sequence && appended.Outcome == WalOutcome.Durable && appended.Sequence > Covered);
            Assert.False(later.Any(), $"{context}: {record.Sequence} was refused ({match.Outcome}), yet is there beside later records");
        }

        var read = records.Select(record => record.Sequence).ToHashSet();
        foreach (var appended in Appended.Where(appended => appended.Outcome == WalOutcome.Durable && appended.Sequence > Covered))
            Assert.True(read.Contains(appended.Sequence), $"{context}: {appended.Sequence} was acknowledged and is lost. {string.Join("; ", result.Alarms)}");
        Assert.True(result.LastSequence >= last, context);
        if (!adopt) return result;
        Appended.RemoveAll(appended => appended.Outcome != WalOutcome.Durable && !read.Contains(appended.Sequence));
        for (var i = 0; i < Appended.Count; i++) Appended[i] = Appended[i] with { Outcome = WalOutcome.Durable };
        return result;
    }

    public static bool Same(WalEntry entry, WalRecord record) =>
        entry with { Payload = default } == new WalEntry(
            record.Kind,
            record.Codec,
            record.Reencoded,
            record.Tenant,
            record.ReceivedAt,
            record.Fingerprint,
            record.BodyLength,
            record.SpanCount,
            default)
        && entry.Payload.Span.SequenceEqual(record.Payload.Span);
}
