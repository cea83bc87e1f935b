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
internal sealed class Sealer(IFileSystem files, StorePaths paths, Catalog.Catalog catalog, StoreState state, RetryList retries, TimeProvider time)
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
            var segment = OpenSegment.Open(files, paths.Segment(entry.Id), catalog.StoreId, entry);
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
        catch (IOException)
        {
            retries.GiveBack(fresh);
            throw;
        }
    }

    /// <summary>At start: split traces are told by the newer segment; marks both sides. What can't be read is told to <paramref name="onCorrupt"/>.</summary>
    public static void MarkSplitTraces(IReadOnlyList<OpenSegment> segments, Action<CorruptFileException> onCorrupt)
    {
        var cursors = segments.Select(s => new SegmentCursor(s)).ToArray();
        for (var s = 0; s < segments.Count; s++)
        {
            foreach (var id in segments[s].Continuations)
            {
                for (var piece = 0; piece <= s; piece++)
                {
                    try
                    {
                        var ordinal = segments[piece].Find(id, cursors[piece]);
                        if (ordinal >= 0) segments[piece].MarkSplit(ordinal);
                    }
                    catch (CorruptFileException broken)
                    {
                        onCorrupt(broken);
                    }
                }
            }
        }
    }

    /// <summary>Pieces that traces of the plan have in older segments.</summary>
    private List<Continuation> FindContinuations(SealPlan plan)
    {
        var found = new List<Continuation>();
        foreach (var segment in state.Segments)
        {
            var cursor = new SegmentCursor(segment);
            for (var own = 0; own < plan.Traces.Length; own++)
            {
                var id = plan.Traces[own].Id;
                try
                {
                    var ordinal = segment.Find(id, cursor);
                    if (ordinal >= 0) found.Add(new Continuation(id, own, segment, ordinal));
                }
                catch (CorruptFileException)
                {
                    // The id can't be verified: taken for a split trace, which costs a look-up and is never wrong.
                    found.Add(new Continuation(id, own, segment, -1));
                }
            }
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
