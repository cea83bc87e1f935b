// From a row to its run, where a page says how long its runs are: counting bits instead of adding lengths up.
using System.Numerics;

namespace Waymark.Storage.Columns;

/// <summary>A bit per row that begins a run, and before each word how many do. Immutable.</summary>
internal sealed class RunStarts
{
    private readonly ulong[] starts;
    private readonly ushort[] before;

    private RunStarts(int rows)
    {
        starts = new ulong[(rows + 63) / 64];
        before = new ushort[starts.Length];
    }

    /// <summary>What it takes in memory.</summary>
    public long Bytes => 96 + (starts.Length * 10L);

    /// <summary>From the length − 1 of each run; there are at most 65,535 rows. False: they don't add up to the rows.</summary>
    public static bool TryBuild(ReadOnlySpan<int> lengths, int rows, out RunStarts runs)
    {
        runs = new RunStarts(rows);
        var row = 0;
        foreach (var length in lengths)
        {
            if (row == rows || (uint)length >= (uint)(rows - row)) return false;
            runs.starts[row >> 6] |= 1UL << row;
            row += length + 1;
        }
        var count = 0;
        for (var w = 0; w < runs.starts.Length; w++)
        {
            runs.before[w] = (ushort)count;
            count += BitOperations.PopCount(runs.starts[w]);
        }
        return row == rows;
    }

    /// <summary>The run that a row is in.</summary>
    public int RunOf(int row) => before[row >> 6] + BitOperations.PopCount(starts[row >> 6] & (ulong.MaxValue >> (63 - (row & 63)))) - 1;
}
