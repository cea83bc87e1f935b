// Whom to name for a span's time: the one called, where it is known, and not the one that waits.
namespace Waymark.Query.Analysis.Verdicts;

/// <summary>What a span's time is spent at.</summary>
/// <param name="Name">Service and operation to name.</param>
/// <param name="IsElsewhere">It is not in the root's service: the trace waits for it.</param>
/// <param name="IsPeer">The service is known from the caller's attributes only: it sent no span of its own.</param>
internal readonly record struct Target((string Service, string Operation) Name, bool IsElsewhere, bool IsPeer)
{
    /// <summary>For a request that arrived somewhere: the span there. For one that left no span there: the peer by its attributes. Else the span itself.</summary>
    public static Target Of(TraceFacts facts, int row)
    {
        var server = facts.ServerOf(row);
        if (server >= 0) return new Target(facts.Name(server), !facts.IsHome(server), IsPeer: false);
        var peer = facts.Peer(row);
        if (peer.Length > 0) return new Target((peer, facts.Operation(row)), IsElsewhere: true, IsPeer: true);
        return new Target(facts.Name(row), !facts.IsHome(row), IsPeer: false);
    }
}
