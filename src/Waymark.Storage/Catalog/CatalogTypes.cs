// What the manifest knows of a segment, and the edits that change it.
using System.Collections.Immutable;
using Waymark.Model.Spans;
using Waymark.Storage.Retries;

namespace Waymark.Storage.Catalog;

/// <summary>One live segment.</summary>
/// <param name="MinStart">Smallest span start in it; <paramref name="MaxStart"/> the largest.</param>
/// <param name="MinReceived">When its first span arrived; <paramref name="MaxReceived"/> its last.</param>
internal sealed record SegmentEntry(
    ulong Id,
    long Bytes,
    long Spans,
    long Traces,
    UnixNanos MinStart,
    UnixNanos MaxStart,
    UnixNanos MinReceived,
    UnixNanos MaxReceived,
    uint Tenant);

/// <summary>Changes that become durable together or not at all.</summary>
internal sealed record CatalogEdit
{
    public ImmutableArray<SegmentEntry> Add { get; init; } = [];

    /// <summary>Ids of segments that are no longer live. Unknown ids are ignored.</summary>
    public ImmutableArray<ulong> Drop { get; init; } = [];

    /// <summary>Log records up to this sequence are in segments now. Never moves backwards.</summary>
    public ulong? LogCovered { get; init; }

    /// <summary>The log's carry-over record with what the segment left out of the log covered: it counts at replay, and no other does. Null: as it was.</summary>
    public ulong? LogCarried { get; init; }

    /// <summary>Stored requests to be recognised after a restart.</summary>
    public ImmutableArray<RetryEntry> Retries { get; init; } = [];
}
