// Which of many traces a segment has: asked for a whole seal, a head or a store's continuations at once, one segment after the other.
using System.Buffers;
using Waymark.Model.Spans;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>A trace of the set that a segment has.</summary>
/// <param name="Position">Where the set has the id.</param>
/// <param name="Ordinal">In the segment; −1 when the segment can't be read where it would tell.</param>
internal readonly record struct TraceHit(TraceId Id, int Position, int Ordinal);

/// <summary>
/// A set of traces, in the order of their hashes: a segment's filter, its cells and its index blocks are then all walked through once, front to back, and a filter is in the processor's
/// cache while it is asked about all of them. One thread.
/// </summary>
/// <param name="hash">The hash of the store.</param>
internal sealed class TraceProbe(ReadOnlyMemory<TraceId> ids, TraceHash hash) : IDisposable
{
    private readonly SortedHashes hashes = SortedHashes.Of(ids.Span, hash);
    private readonly int[] candidates = ArrayPool<int>.Shared.Rent(ids.Length);
    private readonly IndexBlock block = new();

    /// <summary>Per candidate the ordinal to compare in the upper half, −1 when the index can't be read, and its position in the set in the lower: numbers sort fastest.</summary>
    private readonly List<long> found = [];

    private readonly List<TraceHit> hits = [];

    /// <summary>
    /// The traces of the set that are in a segment, by ordinal; the list is the next call's. What is damaged is told to <paramref name="onCorrupt"/>; other failures to read pass through.
    /// </summary>
    public IReadOnlyList<TraceHit> FindIn(OpenSegment segment, Action<CorruptFileException>? onCorrupt = null)
    {
        hits.Clear();
        found.Clear();
        if (segment.Filter is { } filter)
        {
            var passed = candidates.AsSpan(0, filter.Candidates(hashes.Hashes, candidates));
            block.ReadsAhead = passed.Length > segment.Index.Blocks / 2;
            foreach (var candidate in passed) LookUp(segment, hashes.Ordinals[candidate], onCorrupt);
        }
        else
        {
            foreach (var position in hashes.Ordinals) LookUp(segment, position, onCorrupt);
        }
        if (found.Count > 0) Verify(segment, onCorrupt);
        return hits;
    }

    public void Dispose()
    {
        hashes.Dispose();
        ArrayPool<int>.Shared.Return(candidates);
        block.Dispose();
    }

    private void LookUp(OpenSegment segment, int position, Action<CorruptFileException>? onCorrupt)
    {
        Span<int> ordinals = stackalloc int[8];
        try
        {
            var count = segment.Index.Find(ids.Span[position], ordinals, block);
            if (count > ordinals.Length)
            {
                ordinals = new int[count];
                count = segment.Index.Find(ids.Span[position], ordinals, block);
            }
            foreach (var ordinal in ordinals[..count]) found.Add(((long)ordinal << 32) | (uint)position);
        }
        catch (CorruptFileException broken)
        {
            onCorrupt?.Invoke(broken);
            found.Add((-1L << 32) | (uint)position);
        }
    }

    private void Verify(OpenSegment segment, Action<CorruptFileException>? onCorrupt)
    {
        // By ordinal: each page of ids is decoded once.
        found.Sort();
        using var cursor = new SegmentCursor(segment);
        foreach (var pair in found)
        {
            var (ordinal, position) = ((int)(pair >> 32), (int)pair);
            try
            {
                var verified = ordinal < 0 ? cursor.SearchFor(ids.Span[position]) : cursor.TraceIdOf(ordinal) == ids.Span[position] ? ordinal : -1;
                if (verified >= 0) hits.Add(new TraceHit(ids.Span[position], position, verified));
            }
            catch (CorruptFileException broken)
            {
                onCorrupt?.Invoke(broken);
                hits.Add(new TraceHit(ids.Span[position], position, -1));
            }
        }
    }
}
