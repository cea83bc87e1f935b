// What is known of a head's traces: how many, and which have pieces in segments. Worked out as rows and segments come, when somebody asks.
using Waymark.Model.Spans;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// One head's traces against the store's segments, shared by all views. Each trace is looked for in each segment once. Any number of threads; whoever asks holds the head and the segments.
/// </summary>
internal sealed class HeadTraces
{
    private readonly Lock gate = new();

    /// <summary>Rows that are the first visible ones of their traces, ascending.</summary>
    private readonly List<int> firstRows = [];

    /// <summary>Per segment that was asked, the traces it has.</summary>
    private readonly Dictionary<OpenSegment, List<TraceId>> found = [];

    private readonly HashSet<TraceId> continued = [];
    private OpenSegment[] asked = [];
    private int rows;

    /// <summary>Of the traces in <see cref="firstRows"/>, how many the segments of <see cref="found"/> were asked for.</summary>
    private int probed;

    /// <summary>Distinct traces of a snapshot of the head that are in none of the heads <paramref name="before"/>.</summary>
    public long Count(HeadSnapshot snapshot, ReadOnlySpan<HeadSnapshot> before)
    {
        lock (gate)
        {
            CatchUp(snapshot);
            // Another view may have got further.
            var known = firstRows.BinarySearch(snapshot.Visible);
            if (known < 0) known = ~known;
            if (before.IsEmpty) return known;
            var count = 0;
            for (var t = 0; t < known; t++)
            {
                if (!IsIn(before, snapshot.Head.Spans[firstRows[t]].TraceId)) count++;
            }
            return count;
        }
    }

    /// <summary>
    /// Adds the snapshot's traces that have pieces in segments. There may be others among them: of rows later than the snapshot's, and where a damaged segment can't tell.
    /// </summary>
    public void AddContinued(HashSet<TraceId> all, HeadSnapshot snapshot, OpenSegment[] segments, Action<CorruptFileException> onCorrupt)
    {
        lock (gate)
        {
            CatchUp(snapshot);
            try
            {
                if (segments != asked) Ask(snapshot, segments, onCorrupt);
                else if (probed < firstRows.Count) Probe(snapshot, segments, probed, onCorrupt);
            }
            catch (IOException)
            {
                // Some segments were asked and others not: from the start, next time.
                found.Clear();
                continued.Clear();
                asked = [];
                probed = 0;
                throw;
            }
            asked = segments;
            probed = firstRows.Count;
            all.UnionWith(continued);
        }
    }

    private void CatchUp(HeadSnapshot snapshot)
    {
        for (; rows < snapshot.Visible; rows++)
        {
            if (snapshot.IsFirstOfTrace(rows)) firstRows.Add(rows);
        }
    }

    /// <summary>Segments came or went: what is new is asked for all traces, what stayed for new ones, what went is forgotten.</summary>
    private void Ask(HeadSnapshot snapshot, OpenSegment[] segments, Action<CorruptFileException> onCorrupt)
    {
        foreach (var gone in found.Keys.Except(segments).ToArray()) found.Remove(gone);
        var added = Array.FindAll(segments, s => !found.ContainsKey(s));
        if (probed < firstRows.Count && found.Count > 0) Probe(snapshot, [.. found.Keys], probed, onCorrupt);
        if (added.Length > 0) Probe(snapshot, added, 0, onCorrupt);
        continued.Clear();
        foreach (var traces in found.Values) continued.UnionWith(traces);
    }

    /// <summary>Asks segments for the traces from number <paramref name="from"/> on.</summary>
    private void Probe(HeadSnapshot snapshot, OpenSegment[] segments, int from, Action<CorruptFileException> onCorrupt)
    {
        if (segments.Length == 0) return;
        var ids = new TraceId[firstRows.Count - from];
        for (var t = 0; t < ids.Length; t++) ids[t] = snapshot.Head.Spans[firstRows[from + t]].TraceId;
        using var probe = new TraceProbe(ids, TraceHash.KeyedBy(segments[0].Reader.Header.StoreId));
        foreach (var segment in segments)
        {
            if (!found.TryGetValue(segment, out var traces)) found[segment] = traces = [];
            foreach (var hit in probe.FindIn(segment, onCorrupt))
            {
                traces.Add(hit.Id);
                continued.Add(hit.Id);
            }
        }
    }

    private static bool IsIn(ReadOnlySpan<HeadSnapshot> heads, TraceId id)
    {
        foreach (var head in heads)
        {
            if (head.HasTrace(id)) return true;
        }
        return false;
    }
}
