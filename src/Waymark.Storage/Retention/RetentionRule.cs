// Which segments have had their time.
using Waymark.Model.Spans;
using Waymark.Storage.Catalog;

namespace Waymark.Storage.Retention;

/// <summary>Whole segments, oldest first: by age of their youngest arrival, then by total bytes.</summary>
internal static class RetentionRule
{
    /// <param name="segments">In any order.</param>
    /// <param name="maxBytes">Bytes all kept segments may take together.</param>
    public static List<SegmentEntry> Expired(IEnumerable<SegmentEntry> segments, UnixNanos now, TimeSpan maxAge, long maxBytes)
    {
        var oldestFirst = segments.OrderBy(s => s.MaxReceived).ThenBy(s => s.Id).ToList();
        var horizon = now.Value - (maxAge.Ticks * 100);
        var total = oldestFirst.Sum(s => s.Bytes);
        var expired = new List<SegmentEntry>();
        foreach (var segment in oldestFirst)
        {
            if (segment.MaxReceived.Value >= horizon && total <= maxBytes) break;
            expired.Add(segment);
            total -= segment.Bytes;
        }
        return expired;
    }
}
