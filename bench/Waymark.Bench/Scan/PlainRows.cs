// The baseline: spans as objects in a list, and each question as the loop one would write first.
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Bench.Scan;

/// <summary>A span as an object.</summary>
internal sealed class PlainRow
{
    public required string Service { get; init; }
    public required string Name { get; init; }
    public required SpanKind Kind { get; init; }
    public required StatusCode Status { get; init; }
    public required long Duration { get; init; }
    public required Dictionary<string, object> Attributes { get; init; }
    public PlainRow? Parent { get; set; }
}

/// <summary>The newest traces of a store, up to a million spans.</summary>
internal static class PlainRows
{
    public const int Most = 1_000_000;

    public static async Task<List<PlainRow>> ReadAsync(ITraceStore store, CancellationToken cancellation)
    {
        var rows = new List<PlainRow>();
        await foreach (var block in store.ScanAsync(new SpanScan { Parts = SpanParts.Attributes }, cancellation))
        {
            var first = rows.Count;
            for (var r = 0; r < block.Count; r++)
            {
                var row = Row(block, r);
                if (block.ParentRow[r] >= 0) row.Parent = rows[first + block.ParentRow[r]];
                rows.Add(row);
            }
            if (rows.Count >= Most) break;
        }
        return rows;
    }

    public static long Count(List<PlainRow> rows, Func<PlainRow, bool> where)
    {
        long count = 0;
        foreach (var row in rows)
        {
            if (where(row)) count++;
        }
        return count;
    }

    public static long CountUnder(List<PlainRow> rows, Func<PlainRow, bool> where, Func<PlainRow, bool> under) => Count(rows, row =>
    {
        if (!where(row)) return false;
        for (var up = row.Parent; up is not null; up = up.Parent)
        {
            if (under(up)) return true;
        }
        return false;
    });

    /// <summary>The number of groups, after the 99th percentile of each was found by sorting.</summary>
    public static long Percentiles(List<PlainRow> rows, Func<PlainRow, string> by)
    {
        var groups = new Dictionary<string, List<long>>();
        foreach (var row in rows)
        {
            if (!groups.TryGetValue(by(row), out var durations)) groups[by(row)] = durations = [];
            durations.Add(row.Duration);
        }
        foreach (var durations in groups.Values) durations.Sort();
        return groups.Values.Count(d => d[((d.Count * 99) + 99) / 100 - 1] >= 0);
    }

    private static PlainRow Row(SpanBlock block, int r)
    {
        var attributes = new Dictionary<string, object>();
        foreach (ref readonly var entry in block.Attributes.Of(r))
        {
            attributes[block.Texts.String(entry.Key)] = entry.Type == AttributeType.Text ? block.Texts.String(entry.Content) : entry.Number;
        }
        return new PlainRow
        {
            Service = block.Texts.String(block.Service(r)),
            Name = block.Texts.String(block.Name[r]),
            Kind = block.Kind[r],
            Status = block.Status[r],
            Duration = block.Duration(r).Value,
            Attributes = attributes,
        };
    }
}
