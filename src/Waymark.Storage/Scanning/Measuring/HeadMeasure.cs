// Counts the spans in memory: where they lie, unless their trace must be put together first.
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>A measure over the heads of a view. Used once.</summary>
internal sealed class HeadMeasure(StoreView view, SpanMeasure measure, ConditionSet where)
{
    /// <summary>Of a hash in a set.</summary>
    private const int SeenBytes = 20;

    /// <summary>Traces that may have a span more than once among the heads.</summary>
    private readonly HashSet<TraceId> repeating = [];

    /// <summary>Counts rows; traces that need merging and have a matching row go to <paramref name="met"/>.</summary>
    public void Run(GroupSums into, HashSet<TraceId> met, CancellationToken cancellation)
    {
        FindRepeats(cancellation);
        foreach (var snapshot in view.Heads)
        {
            cancellation.ThrowIfCancellationRequested();
            if (HeadFilter.Of(snapshot, where.Conditions[0]) is not { } filter) continue;
            var groups = new HeadGroups(snapshot.Head, measure.By);
            for (var row = 0; row < snapshot.Visible; row++)
            {
                ref readonly var span = ref snapshot.Head.Spans[row];
                if (!measure.Range.Contains(span.Start) || !filter.Matches(span) || !snapshot.IsVisible(row)) continue;
                if (measure.Under is not null || repeating.Contains(span.TraceId) || view.Continued.Contains(span.TraceId))
                {
                    met.Add(span.TraceId);
                    continue;
                }
                into.Add(groups.KeyOf(span), span.End - span.Start);
            }
        }
    }

    /// <summary>A set of 64-bit hashes of (trace, span id): what is in it already may be a repeat.</summary>
    private void FindRepeats(CancellationToken cancellation)
    {
        if (measure.Under is not null) return;
        var rows = view.Heads.Sum(h => h.Visible);
        view.Memory.Take(rows * (long)SeenBytes);
        var seen = new HashSet<ulong>(rows);
        foreach (var snapshot in view.Heads)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var row = 0; row < snapshot.Visible; row++)
            {
                ref readonly var span = ref snapshot.Head.Spans[row];
                if (snapshot.IsVisible(row) && !seen.Add(Hash(span.TraceId, span.SpanId))) repeating.Add(span.TraceId);
            }
        }
        view.Memory.Take(rows * -(long)SeenBytes);
    }

    private static ulong Hash(TraceId trace, SpanId span)
    {
        var hash = (trace.High * 0x9E37_79B9_7F4A_7C15) ^ trace.Low;
        hash = ((hash ^ (hash >> 29)) * 0xBF58_476D_1CE4_E5B9) ^ (span.Value * 0x94D0_49BB_1331_11EB);
        return hash ^ (hash >> 32);
    }
}

/// <summary>The group of a span in a head; what depends only on resource, name or shape is worked out once and kept.</summary>
internal sealed class HeadGroups(SpanHead head, MeasureGroup? by)
{
    private readonly Dictionary<int, string?> contexts = [];
    private readonly Dictionary<int, string> names = [];
    private readonly Dictionary<int, int[]> shapes = [];
    private readonly byte[] key = Encoding.UTF8.GetBytes(by?.Key ?? "");

    public string? KeyOf(in HeadSpan span) => by?.Field switch
    {
        null => null,
        MeasureField.Service => OfContext(span.Context),
        MeasureField.Name => OfName(span.Name),
        MeasureField.Kind => GroupText.Of(span.Kind),
        MeasureField.Status => GroupText.Of(span.Status),
        _ => OfAttributes(span) ?? OfContext(span.Context),
    };

    private string? OfContext(int context)
    {
        if (contexts.TryGetValue(context, out var text)) return text;
        return contexts[context] = GroupText.OfResource(head.Resources[head.Contexts[context].Resource].Blob, by!);
    }

    private string OfName(int name)
    {
        if (names.TryGetValue(name, out var text)) return text;
        return names[name] = Encoding.UTF8.GetString(head.Names[name]);
    }

    private string? OfAttributes(in HeadSpan span)
    {
        var shape = head.Shapes[span.Shape];
        if (!shapes.TryGetValue(span.Shape, out var places)) shapes[span.Shape] = places = PlacesOf(shape);
        foreach (var k in places)
        {
            var column = head.Columns[shape.Columns[k]];
            var slot = span.Slots + shape.Offsets[k];
            if (TextOf(column, slot) is { } text) return text;
        }
        return null;
    }

    private string? TextOf(AttributeColumn column, int slot)
    {
        if (column.IsOverflow)
        {
            OverflowValue.Read(column.Texts![head.Slots[slot]], out var type, out var name, out var number, out var content);
            return name.SequenceEqual(key) ? AttributeText.Of(type, number, content) : null;
        }
        return column.Type switch
        {
            AttributeType.Text => Encoding.UTF8.GetString(column.Texts![head.Slots[slot]]),
            AttributeType.Bool => AttributeText.Of(column.Type, head.Slots[slot], default),
            AttributeType.Int or AttributeType.Double => AttributeText.Of(column.Type, (uint)head.Slots[slot] | ((long)head.Slots[slot + 1] << 32), default),
            _ => null,
        };
    }

    /// <summary>Where in a shape the key may stand: its columns, and all of the overflow.</summary>
    private int[] PlacesOf(Shape shape) =>
        [.. Enumerable.Range(0, shape.Columns.Length).Where(k => head.Columns[shape.Columns[k]] is var column && (column.IsOverflow || column.Key.AsSpan().SequenceEqual(key)))];
}
