// The bytes of a carry-over record: what goes in comes out, and bytes that are not whole are told.
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Head;
using Waymark.Storage.Sealing;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Sealing;

public sealed class CarryPayloadTests
{
    private static readonly UnixNanos Then = new(1_767_225_600_000_000_000);

    [Fact]
    public void Spans_of_several_heads_come_back_in_the_order_of_the_log_with_the_times_of_their_arrival()
    {
        for (var seed = 0; seed < 40 * TestScale.Factor; seed++)
        {
            var (payload, expected) = Payload(seed);
            using var written = payload;
            var sink = new NaiveSink(remember: seed % 2 == 0);
            var found = new List<(ulong, UnixNanos, int)>();
            Assert.True(CarryPayload.TryRead(written.WrittenSpan, ref sink, (sequence, receivedAt) => found.Add((sequence, receivedAt, sink.Spans.Count))));
            Assert.Equal(expected.SelectMany(b => b.Spans), sink.Spans);
            var through = 0;
            Assert.Equal(expected.Select(b => (b.Sequence, b.ReceivedAt, through += b.Spans.Count)), found);
        }
    }

    [Fact]
    public void A_head_made_of_a_payload_gives_the_same_payload()
    {
        for (var seed = 0; seed < 20 * TestScale.Factor; seed++)
        {
            var (payload, expected) = Payload(seed);
            using var written = payload;
            var carried = CarriedHead.Read(written.WrittenSpan, Then)!;
            Assert.Equal(expected.Sum(b => b.Spans.Count), carried.Head.Visible);
            Assert.Equal(expected.SelectMany(b => b.Spans).Select(s => s.TraceId).Distinct().Count(), carried.Head.Traces.Count);
            Assert.Equal(expected.Select(b => (b.Sequence, b.ReceivedAt)), carried.Head.BatchesSoFar().Select(b => (b.Sequence, b.ReceivedAt)));
            using var again = Write([carried.Head]);
            Assert.Equal(written.WrittenSpan, again.WrittenSpan);
            carried.Head.Dispose();
        }
    }

    [Fact]
    public void Bytes_that_are_cut_or_changed_are_never_read_beyond_and_a_cut_is_always_told()
    {
        var (payload, _) = Payload(3);
        using var written = payload;
        var bytes = written.WrittenSpan.ToArray();
        for (var length = 0; length < bytes.Length; length += 7) Assert.Null(CarriedHead.Read(bytes.AsSpan(0, length), Then));
        Assert.Null(CarriedHead.Read([.. bytes, 0], Then));
        var random = new Random(4);
        for (var round = 0; round < 20_000 * TestScale.Factor; round++)
        {
            var changed = bytes.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            CarriedHead.Read(changed, Then)?.Head.Dispose();
        }
    }

    /// <summary>Random requests spread over three heads.</summary>
    private static (PooledBuffer Payload, List<(ulong Sequence, UnixNanos ReceivedAt, List<NaiveSpan> Spans)> Batches) Payload(int seed)
    {
        var random = new Random(seed);
        var spans = new RandomSpans(seed) { Oddity = 0.3, MaxSpans = 8 };
        var heads = new[] { new SpanHead(), new SpanHead(), new SpanHead() };
        var states = heads.Select(_ => new HeadSinkState()).ToArray();
        var batches = new List<(ulong, UnixNanos, List<NaiveSpan>)>();
        for (var sequence = 5ul; sequence < 15; sequence += (ulong)random.Next(1, 4))
        {
            var h = random.Next(heads.Length);
            var sent = spans.Traces(random.Next(1, 4));
            var first = heads[h].Spans.Count;
            var sink = new HeadSink(heads[h], states[h], BodyKind.OtlpProtobuf);
            NaiveSender.Send(sent, ref sink);
            states[h].Pending.Resolve(heads[h]);
            heads[h].Traces.Add(first, heads[h].Spans.Count);
            var receivedAt = new UnixNanos(Then.Value + random.NextInt64(1_000_000_000));
            heads[h].Resolve(heads[h].AddBatch(first, sequence, receivedAt), stored: true);
            batches.Add((sequence, receivedAt, sent));
        }
        var payload = Write(heads);
        foreach (var state in states) state.Dispose();
        foreach (var head in heads) head.Dispose();
        return (payload, batches);
    }

    private static PooledBuffer Write(SpanHead[] heads)
    {
        using var writer = new CarryWriter(heads);
        foreach (var (h, batch) in SealPlan.StoredBatches(heads)) writer.AddBatch(h, batch, [.. Enumerable.Range(batch.FirstRow, batch.EndRow - batch.FirstRow)]);
        return writer.Finish();
    }
}
