// What the heads have in common, renumbered for one segment: attribute columns, shapes, resources, scopes, contexts.
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Waymark.Model.Spans;
using Waymark.Storage.Head;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Sealing;

/// <summary>An attribute column of the segment with its counterparts in the heads.</summary>
internal sealed class SealColumn(AttributeScope scope, AttributeType type, byte[] key, bool isOverflow, int heads)
{
    public AttributeScope Scope { get; } = scope;
    public AttributeType Type { get; } = type;
    public bool IsOverflow { get; } = isOverflow;
    public AttributeColumn?[] PerHead { get; } = new AttributeColumn?[heads];
    /// <summary>Values taken in all heads.</summary>
    public long Values => PerHead.Sum(c => c?.Values ?? 0);

    /// <summary>Null when the values are numbers, or texts too diverse for a dictionary.</summary>
    public MergedTexts? Dictionary { get; set; }

    /// <summary>Index in the segment.</summary>
    public int Index { get; set; }

    public bool HasTexts => !IsOverflow && AttributeColumn.HasContent(Type);

    public ColumnKey ColumnKey => new(
        Space, IsOverflow ? SegmentColumns.OverflowAttribute : SegmentColumns.Attribute, Scope, Type, System.Text.Encoding.UTF8.GetString(key));

    public RowSpace Space => Scope switch
    {
        AttributeScope.Event => RowSpace.Events,
        AttributeScope.Link => RowSpace.Links,
        _ => RowSpace.Spans,
    };
}

/// <summary>Renumbering of attribute columns and shapes: head-local ids to ids of the segment.</summary>
internal sealed class SealShapes
{
    private readonly int[][] columnOf;
    private readonly int[][] shapeOf;

    public SealShapes(SpanHead[] heads)
    {
        columnOf = new int[heads.Length][];
        shapeOf = new int[heads.Length][];
        var columnIds = new Dictionary<(AttributeScope, AttributeType, bool, string), int>();
        var shapeIds = new Dictionary<UInt128, int>();
        for (var h = 0; h < heads.Length; h++)
        {
            columnOf[h] = new int[heads[h].Columns.Count];
            for (var id = 0; id < columnOf[h].Length; id++)
            {
                var column = heads[h].Columns[id];
                var name = (column.Scope, column.Type, column.IsOverflow, Convert.ToHexString(column.Key));
                if (!columnIds.TryGetValue(name, out var merged))
                {
                    columnIds[name] = merged = Columns.Count;
                    Columns.Add(new SealColumn(column.Scope, column.Type, column.Key, column.IsOverflow, heads.Length));
                }
                Columns[merged].PerHead[h] = column;
                columnOf[h][id] = merged;
            }
            shapeOf[h] = new int[heads[h].Shapes.Count];
            for (var id = 0; id < shapeOf[h].Length; id++)
            {
                var local = heads[h].Shapes[id].Columns;
                var list = new int[local.Length];
                for (var k = 0; k < list.Length; k++) list[k] = columnOf[h][local[k]];
                var hash = XxHash128.HashToUInt128(MemoryMarshal.AsBytes(list.AsSpan()));
                if (!shapeIds.TryGetValue(hash, out var merged))
                {
                    shapeIds[hash] = merged = Shapes.Count;
                    Shapes.Add(list);
                }
                shapeOf[h][id] = merged;
            }
        }
    }

    public List<SealColumn> Columns { get; } = [];

    /// <summary>Per shape of the segment its columns (positions in <see cref="Columns"/>).</summary>
    public List<int[]> Shapes { get; } = [];

    public int Shape(int head, int shape) => shapeOf[head][shape];
}

/// <summary>Renumbering of resources, scopes and their pairs.</summary>
internal sealed class SealContexts
{
    private readonly int[][] contextOf;

    public SealContexts(SpanHead[] heads)
    {
        contextOf = new int[heads.Length][];
        var resourceIds = new Dictionary<UInt128, int>();
        var scopeIds = new Dictionary<UInt128, int>();
        var contextIds = new Dictionary<(int, int), int>();
        for (var h = 0; h < heads.Length; h++)
        {
            contextOf[h] = new int[heads[h].Contexts.Count];
            for (var id = 0; id < contextOf[h].Length; id++)
            {
                var (resource, scope) = heads[h].Contexts[id];
                var pair = (Merge(Resources, resourceIds, heads[h].Resources[resource]), Merge(Scopes, scopeIds, heads[h].Scopes[scope]));
                if (!contextIds.TryGetValue(pair, out var merged))
                {
                    contextIds[pair] = merged = Contexts.Count;
                    Contexts.Add(pair);
                }
                contextOf[h][id] = merged;
            }
        }
    }

    public List<HeadElement> Resources { get; } = [];
    public List<HeadElement> Scopes { get; } = [];
    public List<(int Resource, int Scope)> Contexts { get; } = [];

    public int Context(int head, int context) => contextOf[head][context];

    private static int Merge(List<HeadElement> merged, Dictionary<UInt128, int> ids, HeadElement element)
    {
        var hash = XxHash128.HashToUInt128(element.Blob);
        if (ids.TryGetValue(hash, out var id)) return id;
        merged.Add(element);
        return ids[hash] = merged.Count - 1;
    }
}
