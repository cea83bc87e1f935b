// Counts spans of traces that were put together from several pieces, row by row: the exact way, for the traces that need it.
using System.Buffers;
using Waymark.Model.Stores;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>A measure over whole merged traces. Not thread-safe.</summary>
internal sealed class BlockMeasure
{
    private readonly SpanMeasure measure;
    private readonly ConditionEvaluator where;
    private readonly ConditionEvaluator? under;

    public BlockMeasure(SpanMeasure measure)
    {
        this.measure = measure;
        where = new ConditionEvaluator(measure.Where);
        under = measure.Under is null ? null : new ConditionEvaluator(measure.Under);
        var predicates = measure.Where.All.Concat(measure.Under is { } condition ? condition.All : []).ToList();
        var keys = predicates.Where(p => p.Field == SpanField.Attribute).Select(p => p.Key).ToHashSet();
        if (measure.By is { Field: MeasureField.Attribute } by) keys.Add(by.Key);
        var parts = SpanParts.Core;
        if (keys.Count > 0) parts |= SpanParts.Attributes;
        if (predicates.Any(p => p.Field == SpanField.LinkedTrace)) parts |= SpanParts.Links;
        Selected = new SpanSelection(parts) { Keys = System.Collections.Frozen.FrozenSet.ToFrozenSet(keys) };
    }

    /// <summary>What a block must have filled in.</summary>
    public SpanSelection Selected { get; }

    /// <summary>Counts the spans of all traces of a block.</summary>
    public void Add(SpanBlock block, GroupSums into)
    {
        var pooled = ArrayPool<bool>.Shared.Rent(block.Count * 2);
        try
        {
            var rows = pooled.AsSpan(0, block.Count);
            for (var r = 0; r < rows.Length; r++) rows[r] = measure.Range.Contains(block.Start[r]);
            where.Narrow(block, rows);
            if (under is not null) NarrowToDescendants(block, under, rows, pooled.AsSpan(block.Count, block.Count));
            for (var r = 0; r < rows.Length; r++)
            {
                if (!rows[r]) continue;
                into.Add(KeyOf(block, r), block.Duration(r));
            }
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(pooled);
        }
    }

    private static void NarrowToDescendants(SpanBlock block, ConditionEvaluator under, Span<bool> rows, Span<bool> matches)
    {
        matches.Fill(true);
        under.Narrow(block, matches);
        // Rows below this one have an ancestor that matches: subtrees lie within each other, or apart.
        var end = 0;
        for (var r = 0; r < rows.Length; r++)
        {
            rows[r] &= r < end;
            if (matches[r]) end = Math.Max(end, block.SubtreeEnd[r]);
        }
    }

    private string? KeyOf(SpanBlock block, int row) => measure.By?.Field switch
    {
        null => null,
        MeasureField.Service => block.Service(row) is var code && code < 0 ? null : block.Texts.String(code),
        MeasureField.Name => block.Texts.String(block.Name[row]),
        MeasureField.Kind => GroupText.Of(block.Kind[row]),
        MeasureField.Status => GroupText.Of(block.Status[row]),
        _ => AttributeOf(block, block.Attributes.Of(row)) ?? AttributeOf(block, block.Resources[block.Resource[row]].Attributes),
    };

    private string? AttributeOf(SpanBlock block, ReadOnlySpan<AttributeEntry> entries)
    {
        foreach (ref readonly var entry in entries)
        {
            if (block.Texts.String(entry.Key) != measure.By!.Key) continue;
            if (AttributeText.Of(entry.Type, entry.Number, block.Texts.Utf8(entry.Content)) is { } text) return text;
        }
        return null;
    }
}
