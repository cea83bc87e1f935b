// Young traces that a seal leaves in memory: a trace whose spans are still coming in would only be split over segments.
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>Which traces a seal carries over.</summary>
/// <param name="Linger">Those with a span that arrived less than this ago,</param>
/// <param name="MaxAge">and none that arrived longer ago than this: nothing stays in memory for ever.</param>
/// <param name="Share">Largest share of the rows, and of the bytes.</param>
internal readonly record struct CarryRule(TimeSpan Linger, TimeSpan MaxAge, double Share)
{
    /// <summary>Heads that filled in a smaller part of <see cref="Linger"/> leave a smaller share.</summary>
    private const int FullSharePart = 4;

    /// <summary>
    /// The rule for heads that took so long to fill. When that was short, hardly a trace in them is complete: no share could keep those whole, and copying costs processor time (about as much as
    /// receiving a span again) just when there is least of it.
    /// </summary>
    /// <param name="least">What remains of the share however quickly they filled.</param>
    public CarryRule For(TimeSpan filling, double least) =>
        filling >= Linger / FullSharePart ? this : this with { Share = Math.Min(Share, Math.Max(least, Share * FullSharePart * (filling / Linger))) };
}

/// <summary>A head whose spans were left out of a segment: they are in the log as one carry-over record, and go into the next segment.</summary>
/// <param name="At">When that was.</param>
internal sealed record CarriedHead(SpanHead Head, UnixNanos At)
{
    private const BodyKind Kind = (BodyKind)255;

    /// <summary>A head out of the payload of a carry-over record; null when its bytes contradict themselves.</summary>
    public static CarriedHead? Read(ReadOnlySpan<byte> payload, UnixNanos at)
    {
        var head = new SpanHead();
        using var state = new HeadSinkState();
        var sink = new HeadSink(head, state, Kind);
        var first = 0;
        var isWhole = CarryPayload.TryRead(payload, ref sink, OnBatch);
        if (isWhole) return new CarriedHead(head, at);
        head.Dispose();
        return null;

        void OnBatch(ulong sequence, UnixNanos receivedAt)
        {
            state.Pending.Resolve(head);
            head.Traces.Add(first, head.Spans.Count);
            head.Resolve(head.AddBatch(first, sequence, receivedAt), stored: true);
            first = head.Spans.Count;
        }
    }
}

/// <summary>What one seal carries over. Chosen once, before the first attempt, so that every attempt at the segment writes the same.</summary>
internal sealed class CarryOver : IDisposable
{
    /// <summary>Payloads stay far below what one log record may hold.</summary>
    private const long MaxBytes = 64L << 20;

    /// <summary>Heads so small that a share of their bytes says nothing.</summary>
    private const long MinBytes = 64L << 10;

    /// <summary>After so many traces in a row that were too large for the room left, the rest is not looked at.</summary>
    private const int MaxMisfits = 64;

    private CarryOver(HashSet<TraceId> traces, CarriedHead carried, PooledBuffer payload, int spans)
    {
        Traces = traces;
        Carried = carried;
        Payload = payload;
        Spans = spans;
    }

    public IReadOnlySet<TraceId> Traces { get; }

    /// <summary>A copy of the traces' rows, with the order and times of their arrival.</summary>
    public CarriedHead Carried { get; }

    public int Spans { get; }

    /// <summary>For the log.</summary>
    public PooledBuffer Payload { get; }

    /// <summary>The log's record that holds the payload; 0 until it does.</summary>
    public ulong Sequence { get; set; }

    /// <summary>Chooses and copies; null when nothing is to be carried over. Every row must be decided.</summary>
    public static CarryOver? Make(SpanHead[] heads, UnixNanos now, CarryRule rule)
    {
        var batches = SealPlan.StoredBatches(heads);
        var chosen = Choose(heads, batches, now, rule);
        var limit = Math.Min(MaxBytes, Math.Max(MinBytes, (long)(heads.Sum(h => h.Bytes) * rule.Share)));
        while (chosen.Count > 0)
        {
            var (payload, spans) = Write(heads, batches, chosen);
            if (payload.Length <= limit)
            {
                var carried = CarriedHead.Read(payload.WrittenSpan, now);
                if (carried is not null) return new CarryOver([.. chosen.Select(c => c.Id)], carried, payload, spans);
                payload.Dispose();
                throw new System.Diagnostics.UnreachableException("A payload that was just written can't be read.");
            }
            payload.Dispose();
            // Few rows with much in them: the younger half.
            chosen.RemoveRange(chosen.Count / 2, chosen.Count - (chosen.Count / 2));
        }
        return null;
    }

    /// <summary>Gives up the payload; the head as well, unless it has become part of the store's state.</summary>
    public void Dispose()
    {
        Payload.Dispose();
        Carried.Head.Dispose();
    }

    /// <summary>The youngest first, by the arrival of their last span.</summary>
    private static List<Chosen> Choose(SpanHead[] heads, List<(int Head, HeadBatch Batch)> batches, UnixNanos now, CarryRule rule)
    {
        var chosen = new List<Chosen>();
        var rows = new List<RowRef>();
        var room = (long)(batches.Sum(b => (long)(b.Batch.EndRow - b.Batch.FirstRow)) * rule.Share);
        var seen = new HashSet<TraceId>();
        var misfits = 0;
        foreach (var (h, batch) in batches.OrderByDescending(b => b.Batch.ReceivedAt.Value).ThenByDescending(b => b.Batch.Sequence))
        {
            // A clock that was set back makes spans come from the future: those are not young for as long as that lasts.
            if (!IsWithin(now, batch.ReceivedAt, rule.Linger))
            {
                if (batch.ReceivedAt < now) break;
                continue;
            }
            for (var row = batch.FirstRow; row < batch.EndRow; row++)
            {
                if (room == 0 || misfits == MaxMisfits) return chosen;
                var id = heads[h].Spans[row].TraceId;
                if (!seen.Add(id)) continue;
                Collect(heads, id, rows, out var first);
                if (!IsWithin(now, first, rule.MaxAge)) continue;
                if (rows.Count > room)
                {
                    misfits++;
                    continue;
                }
                misfits = 0;
                room -= rows.Count;
                chosen.Add(new Chosen(id, [.. rows]));
            }
        }
        return chosen;
    }

    private static bool IsWithin(UnixNanos now, UnixNanos then, TimeSpan distance) => Math.Abs(now.Value - then.Value) < distance.Ticks * 100;

    /// <summary>The trace's rows in all heads, and when the first of them arrived.</summary>
    private static void Collect(SpanHead[] heads, TraceId id, List<RowRef> rows, out UnixNanos first)
    {
        rows.Clear();
        first = UnixNanos.Max;
        for (var h = 0; h < heads.Length; h++)
        {
            var (head, oldest) = (heads[h], -1);
            for (var row = head.Traces.Last(id); row >= 0; row = head.Spans[row].PreviousInTrace)
            {
                if (SpanHead.IsDead(head.Dead, row)) continue;
                rows.Add(new RowRef(h, row));
                oldest = row;
            }
            if (oldest >= 0 && head.BatchOf(oldest).ReceivedAt is var received && received < first) first = received;
        }
    }

    private static (PooledBuffer Payload, int Spans) Write(SpanHead[] heads, List<(int Head, HeadBatch Batch)> batches, List<Chosen> chosen)
    {
        using var writer = new CarryWriter(heads);
        // Batches of one head come in the order of its rows.
        var rows = heads.Select((_, h) => chosen.SelectMany(c => c.Rows).Where(r => r.Head == h).Select(r => r.Row).Order().ToArray()).ToArray();
        var next = new int[heads.Length];
        foreach (var (h, batch) in batches)
        {
            var first = next[h];
            while (next[h] < rows[h].Length && rows[h][next[h]] < batch.EndRow) next[h]++;
            if (next[h] > first) writer.AddBatch(h, batch, rows[h].AsSpan(first, next[h] - first));
        }
        return (writer.Finish(), writer.Spans);
    }

    private readonly record struct Chosen(TraceId Id, RowRef[] Rows);
}
