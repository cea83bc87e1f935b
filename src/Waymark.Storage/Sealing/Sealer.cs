// From heads to a durable segment: write, sync, rename, record in the manifest; only then are heads and log let go.
// Exception policy: an I/O failure leaves heads, log and manifest as they were and passes through; the temporary file is removed or left for the next start.
using Waymark.Model.Spans;
using Waymark.Storage.Catalog;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Head;
using Waymark.Storage.Retries;
using Waymark.Storage.Scanning;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Sealing;

/// <summary>Seals heads. One at a time; the caller sees to that.</summary>
internal sealed class Sealer(IFileSystem files, StorePaths paths, Catalog.Catalog catalog, StoreState state, RetryList retries, PageCache cache, TimeProvider time)
{
    /// <summary>
    /// Writes the published rows of these heads as one segment and makes the manifest say so. Returns the segment, already part of the state in the heads' place; null when they held nothing.
    /// Every row must be decided (visible or dead).
    /// </summary>
    /// <param name="logCovered">Records up to here are in the heads or in older segments.</param>
    /// <param name="carry">What is left out, already in the log; its head becomes part of the state.</param>
    public OpenSegment? Seal(SpanHead[] heads, ulong logCovered, CarryOver? carry = null)
    {
        using var plan = SealPlan.Make(heads, carry?.Traces);
        var carriedHead = carry?.Carried.Head;
        var fresh = retries.TakeNew();
        try
        {
            if (plan.Traces.Length == 0)
            {
                catalog.Apply(new CatalogEdit { LogCovered = logCovered, LogCarried = carry?.Sequence, Retries = [.. fresh] });
                state.ReplaceHeads(heads, null, carriedHead);
                return null;
            }
            var continuations = FindContinuations(plan);
            var entry = WriteFile(plan, [.. continuations.Select(c => c.Id).Distinct()]);
            var segment = OpenSegment.Open(files, paths.Segment(entry.Id), catalog.StoreId, entry, cache);
            try
            {
                catalog.Apply(new CatalogEdit { Add = [entry], LogCovered = logCovered, LogCarried = carry?.Sequence, Retries = [.. fresh] });
            }
            catch (IOException)
            {
                segment.Dispose();
                throw;
            }
            MarkSplit(segment, continuations);
            state.ReplaceHeads(heads, segment, carriedHead);
            return segment;
        }
        catch
        {
            retries.GiveBack(fresh);
            throw;
        }
    }

    /// <summary>At start: split traces are told by the newer segment; marks both sides. What can't be read is told to <paramref name="onCorrupt"/>.</summary>
    public static void MarkSplitTraces(IReadOnlyList<OpenSegment> segments, Action<CorruptFileException> onCorrupt)
    {
        // Per id the newest segment that tells of it: pieces are there and in older ones.
        var newest = new Dictionary<TraceId, int>();
        for (var s = 0; s < segments.Count; s++)
        {
            foreach (var id in segments[s].Continuations) newest[id] = s;
        }
        var told = new int[segments.Count];
        foreach (var last in newest.Values) told[last]++;
        TraceProbe? probe = null;
        var (left, asked) = (newest.Count, 0);
        for (var s = 0; s < segments.Count && left > 0; left -= told[s++])
        {
            if (probe is null || left < asked * 3L / 4)
            {
                // Without those that only older segments tell of: less than two thirds of the questions remain.
                probe?.Dispose();
                probe = new TraceProbe(newest.Where(n => n.Value >= s).Select(n => n.Key).ToArray(), TraceHash.KeyedBy(segments[s].Reader.Header.StoreId));
                asked = left;
            }
            foreach (var hit in probe.FindIn(segments[s], onCorrupt))
            {
                if (hit.Ordinal >= 0 && s <= newest[hit.Id]) segments[s].MarkSplit(hit.Ordinal);
            }
        }
        probe?.Dispose();
    }

    /// <summary>Pieces that traces of the plan have in older segments.</summary>
    private List<Continuation> FindContinuations(SealPlan plan)
    {
        using var probe = new TraceProbe(plan.Ids, TraceHash.KeyedBy(catalog.StoreId));
        var found = new List<Continuation>();
        foreach (var segment in state.Segments)
        {
            // An id that can't be verified is taken for a split trace, which costs a look-up and is never wrong.
            foreach (var hit in probe.FindIn(segment)) found.Add(new Continuation(hit.Id, hit.Position, segment, hit.Ordinal));
        }
        return found;
    }

    /// <summary>Reads nothing: between the manifest's edit and the change of state nothing may fail.</summary>
    private static void MarkSplit(OpenSegment segment, List<Continuation> continuations)
    {
        foreach (var continuation in continuations)
        {
            if (continuation.OlderOrdinal >= 0) continuation.Older.MarkSplit(continuation.OlderOrdinal);
            segment.MarkSplit(continuation.Ordinal);
        }
    }

    private SegmentEntry WriteFile(SealPlan plan, TraceId[] continuations)
    {
        var id = catalog.NextSegmentId;
        var path = paths.Segment(id);
        var temporary = path + StorePaths.TemporaryExtension;
        if (files.Exists(temporary)) files.Delete(temporary);
        try
        {
            long bytes;
            using (var writer = SegmentWriter.Create(files, temporary, new SegmentHeader(id, catalog.StoreId, 0, UnixNanos.Now(time))))
            {
                using var builder = new SegmentBuilder(plan, writer);
                builder.Write(continuations);
                bytes = writer.Finish();
            }
            files.Rename(temporary, path);
            files.SyncDirectory(paths.Segments);
            return Describe(plan, id, bytes);
        }
        catch (IOException)
        {
            RemoveQuietly(temporary);
            throw;
        }
    }

    private void RemoveQuietly(string path)
    {
        try
        {
            if (files.Exists(path)) files.Delete(path);
        }
        catch (IOException)
        {
            // The failure that brought us here is the one to report; the next start removes the file.
        }
    }

    private static SegmentEntry Describe(SealPlan plan, ulong id, long bytes)
    {
        long spans = 0, minStart = long.MaxValue, maxStart = 0, minReceived = long.MaxValue;
        foreach (var trace in plan.Traces)
        {
            spans += trace.Count;
            minStart = Math.Min(minStart, trace.Start);
            minReceived = Math.Min(minReceived, trace.FirstReceived);
            maxStart = Math.Max(maxStart, trace.LastStart);
        }
        return new SegmentEntry(
            id, bytes, spans, plan.Traces.Length, new UnixNanos(minStart), new UnixNanos(maxStart), new UnixNanos(minReceived), plan.LastReceived, 0);
    }

    /// <summary>A trace of the plan, which is also its ordinal in the segment, with a piece in an older segment.</summary>
    /// <param name="OlderOrdinal">−1 when it can't be told for certain.</param>
    private readonly record struct Continuation(TraceId Id, int Ordinal, OpenSegment Older, int OlderOrdinal);
}
