// How the attributes of one shape go into their columns, decided once per head and shape instead of once per value.
using Waymark.Model.Spans;
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>What to do with one attribute of a row.</summary>
internal enum ShapeStepKind : byte
{
    /// <summary>No slot: the value is that it is there.</summary>
    Empty,

    /// <summary>One slot, the number itself.</summary>
    Bool,

    /// <summary>Two slots, a 64-bit number.</summary>
    Number,

    /// <summary>One slot, a code to be renumbered.</summary>
    Code,

    /// <summary>One slot, a code of a column that is gathered whole.</summary>
    Text,

    /// <summary>One slot, a code whose text becomes part of the row's one overflow value.</summary>
    Overflow,
}

/// <summary>One attribute of a shape: from which slot, into which page. Small: every row goes through a dozen.</summary>
/// <param name="Source">What the slot's code leads to: for codes and texts an array of the segment's numbers, null where they are the same; for overflow the head's dictionary.</param>
internal readonly record struct ShapeStep(PageBuffer Page, object? Source, int Offset, ShapeStepKind Kind);

/// <summary>The steps of every shape of every head, made when first needed.</summary>
internal sealed class ShapeSteps(SpanHead[] heads, SealShapes shapes, PageBuffer[] pages)
{
    private readonly ShapeStep[]?[][] steps = [.. heads.Select(h => new ShapeStep[]?[h.Shapes.Count])];

    /// <summary>Appends a row's attributes to the open pages.</summary>
    public void Append(int head, int shape, int slots)
    {
        var own = steps[head][shape] ??= Make(head, shape);
        if (own.Length == 0) return;
        var values = heads[head].Slots.Run(slots, heads[head].Shapes[shape].Slots);
        BytesPageBuffer? overflow = null;
        foreach (ref readonly var step in own.AsSpan())
        {
            switch (step.Kind)
            {
                case ShapeStepKind.Empty:
                    ((NumberPageBuffer)step.Page).Add(0);
                    break;
                case ShapeStepKind.Bool:
                    ((NumberPageBuffer)step.Page).Add(values[step.Offset]);
                    break;
                case ShapeStepKind.Number:
                    ((NumberPageBuffer)step.Page).Add((uint)values[step.Offset] | ((long)values[step.Offset + 1] << 32));
                    break;
                case ShapeStepKind.Code:
                    ((NumberPageBuffer)step.Page).Add(((int[])step.Source!)[values[step.Offset]]);
                    break;
                case ShapeStepKind.Text:
                    ((TextColumnBuffer)step.Page).Add(step.Source is int[] numbers ? numbers[values[step.Offset]] : values[step.Offset]);
                    break;
                default:
                    // All overflow attributes of an element make one value: each behind its length.
                    overflow = (BytesPageBuffer)step.Page;
                    var text = ((TextDictionary)step.Source!)[values[step.Offset]];
                    overflow.AppendLength(text.Length);
                    overflow.Append(text);
                    break;
            }
        }
        overflow?.End();
    }

    private ShapeStep[] Make(int head, int shape)
    {
        var local = heads[head].Shapes[shape];
        var columns = shapes.Shapes[shapes.Shape(head, shape)];
        var made = new ShapeStep[columns.Length];
        for (var k = 0; k < columns.Length; k++)
        {
            var (column, page) = (shapes.Columns[columns[k]], pages[columns[k]]);
            var kind = KindOf(column, page);
            object? source = kind switch
            {
                ShapeStepKind.Text => ((TextColumnBuffer)page).Numbers(head),
                ShapeStepKind.Code => column.Dictionary!.Codes[head],
                ShapeStepKind.Overflow => column.PerHead[head]!.Texts,
                _ => null,
            };
            made[k] = new ShapeStep(page, source, local.Offsets[k], kind);
        }
        // The same kinds one after the other: what comes next is then guessed right. Overflow attributes, which make one value together, keep their order.
        return [.. made.OrderBy(m => m.Kind)];
    }

    private static ShapeStepKind KindOf(SealColumn column, PageBuffer page)
    {
        if (column.IsOverflow) return ShapeStepKind.Overflow;
        if (page is TextColumnBuffer) return ShapeStepKind.Text;
        return column.Type switch
        {
            AttributeType.Empty => ShapeStepKind.Empty,
            AttributeType.Bool => ShapeStepKind.Bool,
            AttributeType.Int or AttributeType.Double => ShapeStepKind.Number,
            _ => ShapeStepKind.Code,
        };
    }
}
