// Nothing dropped is silent: what came in, by protocol and outcome, and what was rejected, cut or turned away, by reason. The status answer shows it.
using Waymark.Ingest.Admission;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Server.SelfTelemetry;

/// <summary>How a request came in.</summary>
internal enum IngestProtocol
{
    OtlpHttpProtobuf,
    OtlpHttpJson,

    /// <summary>OTLP/HTTP whose content type is neither.</summary>
    OtlpHttpOther,

    OtlpGrpc,
}

/// <summary>What became of a request.</summary>
internal enum RequestOutcome
{
    /// <summary>Every span taken as sent; requests without spans too.</summary>
    Accepted,

    /// <summary>Spans were rejected or cut.</summary>
    Partial,

    /// <summary>A retry of a stored request.</summary>
    AlreadyStored,

    Malformed,

    /// <summary>The store could not take it just now.</summary>
    Refused,

    /// <summary>Turned away by the receiver.</summary>
    TurnedAway,

    /// <summary>The sender went away before its body was whole.</summary>
    Aborted,

    /// <summary>Logs, metrics or profiles: answered, not kept.</summary>
    TracesOnly,
}

/// <summary>Counts since the process started. Any number of threads; a snapshot is not one consistent moment.</summary>
internal sealed class IngestCounters(TimeProvider time)
{
    private static readonly int Outcomes = Enum.GetValues<RequestOutcome>().Length;

    private readonly long[] rejected = new long[Enum.GetValues<Reject>().Length];
    private readonly long[] cut = new long[Enum.GetValues<Cut>().Length];
    private readonly long[] refused = new long[Enum.GetValues<Refusal>().Length];
    private readonly long[] turnedAway = new long[Enum.GetValues<TransportRefusal>().Length];
    private readonly long[] requests = new long[Enum.GetValues<IngestProtocol>().Length * Outcomes];
    private readonly long[] lastSeenTicks = new long[Enum.GetValues<IngestProtocol>().Length];
    private readonly DateTimeOffset since = time.GetUtcNow();
    private long acceptedSpans;
    private long wireBytes;
    private long bodyBytes;

    /// <summary>The latest requests that were not taken.</summary>
    public RecentRefusals Refusals { get; } = new(time);

    /// <summary>A request that reached the store.</summary>
    public void Count(IngestProtocol protocol, in WriteReceipt receipt, long wire, long body)
    {
        Interlocked.Add(ref wireBytes, wire);
        Interlocked.Add(ref bodyBytes, body);
        Count(protocol, OutcomeOf(receipt));
        if (receipt.Outcome == WriteOutcome.Refused) Interlocked.Increment(ref refused[(int)receipt.Refusal]);
        if (receipt.Outcome is not (WriteOutcome.Stored or WriteOutcome.NothingToStore)) return;
        Interlocked.Add(ref acceptedSpans, receipt.Report.Accepted);
        var rejectedHere = receipt.Report.Rejected;
        var cutHere = receipt.Report.Cuts;
        Add(rejected, rejectedHere);
        Add(cut, cutHere);
    }

    /// <summary>A request the receiver turned away.</summary>
    public void Count(IngestProtocol protocol, TransportRefusal reason)
    {
        Interlocked.Increment(ref turnedAway[(int)reason]);
        Count(protocol, RequestOutcome.TurnedAway);
    }

    public void Count(IngestProtocol protocol, RequestOutcome outcome)
    {
        Interlocked.Increment(ref requests[((int)protocol * Outcomes) + (int)outcome]);
        Volatile.Write(ref lastSeenTicks[(int)protocol], time.GetUtcNow().UtcTicks);
    }

    /// <summary>The counts now. Reasons and protocols that never occurred are left out.</summary>
    public IngestSnapshot Snapshot()
    {
        var byProtocol = new List<ProtocolSnapshot>();
        foreach (var protocol in Enum.GetValues<IngestProtocol>())
        {
            var ticks = Volatile.Read(ref lastSeenTicks[(int)protocol]);
            if (ticks == 0) continue;
            var outcomes = Named<RequestOutcome>(requests.AsSpan((int)protocol * Outcomes, Outcomes));
            byProtocol.Add(new(protocol, outcomes, UnixNanos.From(new DateTimeOffset(ticks, TimeSpan.Zero))));
        }

        return new IngestSnapshot(
            UnixNanos.From(since),
            Volatile.Read(ref acceptedSpans),
            Named<Reject>(rejected),
            Named<Cut>(cut),
            Named<Refusal>(refused),
            Named<TransportRefusal>(turnedAway),
            byProtocol,
            Volatile.Read(ref wireBytes),
            Volatile.Read(ref bodyBytes),
            Refusals.NewestFirst);
    }

    private static RequestOutcome OutcomeOf(in WriteReceipt receipt) => receipt.Outcome switch
    {
        WriteOutcome.AlreadyStored => RequestOutcome.AlreadyStored,
        WriteOutcome.Malformed => RequestOutcome.Malformed,
        WriteOutcome.Refused => RequestOutcome.Refused,
        _ when receipt.Report.RejectedTotal + receipt.Report.CutTotal > 0 => RequestOutcome.Partial,
        _ => RequestOutcome.Accepted,
    };

    private static void Add(long[] totals, ReadOnlySpan<int> counts)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] != 0) Interlocked.Add(ref totals[i], counts[i]);
        }
    }

    private static Dictionary<TReason, long> Named<TReason>(ReadOnlySpan<long> counts)
        where TReason : struct, Enum
    {
        var named = new Dictionary<TReason, long>();
        foreach (var reason in Enum.GetValues<TReason>())
        {
            var count = counts[Convert.ToInt32(reason, System.Globalization.CultureInfo.InvariantCulture)];
            if (count != 0) named[reason] = count;
        }

        return named;
    }
}

/// <summary>Counts since <paramref name="Since"/>; a reason that is absent never occurred.</summary>
/// <param name="AcceptedSpans">Spans stored, retries not counted again.</param>
/// <param name="RejectedSpans">Spans left out of accepted requests.</param>
/// <param name="Cuts">Things shortened or repaired in accepted spans.</param>
/// <param name="RefusedRequests">Requests the store could not take.</param>
/// <param name="TurnedAwayRequests">Requests the receivers turned away.</param>
/// <param name="WireBytes">Bytes of bodies as received, of requests that reached the store.</param>
/// <param name="BodyBytes">The same, decompressed.</param>
/// <param name="RecentRefusals">The latest requests that were not taken, newest first.</param>
internal sealed record IngestSnapshot(
    UnixNanos Since,
    long AcceptedSpans,
    IReadOnlyDictionary<Reject, long> RejectedSpans,
    IReadOnlyDictionary<Cut, long> Cuts,
    IReadOnlyDictionary<Refusal, long> RefusedRequests,
    IReadOnlyDictionary<TransportRefusal, long> TurnedAwayRequests,
    IReadOnlyList<ProtocolSnapshot> Protocols,
    long WireBytes,
    long BodyBytes,
    IReadOnlyList<RecentRefusal> RecentRefusals);

/// <summary>One protocol's requests by outcome, and when the last one came.</summary>
internal sealed record ProtocolSnapshot(IngestProtocol Protocol, IReadOnlyDictionary<RequestOutcome, long> Requests, UnixNanos LastSeen);
