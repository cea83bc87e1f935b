// The bytes of time pages (encodings 8 and 9), written and found; what they mean is TimePage's.
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>
/// <c>varint exceptions | stream of codes | starts: stream of restarts, one per block of 1,024 rows | more than one block: stream of the bit at which each block but the first begins |
/// exceptions: stream of positions, each less the one before, and stream of values | residual bits</c>
/// </summary>
internal readonly ref struct TimeView
{
    public int Exceptions { get; private init; }
    public int Blocks { get; private init; }
    public NumberView Codes { get; private init; }

    /// <summary>No numbers in a page of durations.</summary>
    public NumberView Restarts { get; private init; }
    public NumberView Offsets { get; private init; }
    public NumberView Positions { get; private init; }
    public NumberView Values { get; private init; }
    public ReadOnlySpan<byte> Residuals { get; private init; }

    public static bool TryOpen(ReadOnlySpan<byte> stored, int count, bool hasRestarts, out TimeView view)
    {
        view = default;
        if (!NumberStream.TryReadCount(ref stored, 0, count, out var exceptions) || !NumberStream.TryOpen(ref stored, count, out var codes)) return false;
        NumberView restarts = default, offsets = default, positions = default, values = default;
        var blocks = (count + BitPacking.BlockValues - 1) / BitPacking.BlockValues;
        if (hasRestarts && !NumberStream.TryOpen(ref stored, blocks, out restarts)) return false;
        if (blocks > 1 && !NumberStream.TryOpen(ref stored, blocks - 1, out offsets)) return false;
        if (exceptions > 0 && !(NumberStream.TryOpen(ref stored, exceptions, out positions) && NumberStream.TryOpen(ref stored, exceptions, out values))) return false;
        if (positions.Encoding == PageEncoding.Patched || values.Encoding == PageEncoding.Patched) return false;
        view = new TimeView { Exceptions = exceptions, Blocks = blocks, Codes = codes, Restarts = restarts, Offsets = offsets, Positions = positions, Values = values, Residuals = stored };
        return true;
    }

    /// <summary>Where each block begins: its bit, and its restart if there are any.</summary>
    public bool TryReadBlocks(Span<long> offsets, Span<long> restarts, SimdLevel level)
    {
        offsets[0] = 0;
        if (Restarts.Count > 0 && !NumberPage.TryDecode(Restarts.Stored, Restarts.Encoding, Restarts.Min, Restarts.Max, restarts, level)) return false;
        if (Blocks > 1 && !NumberPage.TryDecode(Offsets.Stored, Offsets.Encoding, Offsets.Min, Offsets.Max, offsets[1..], level)) return false;
        return !offsets.ContainsAnyExceptInRange(0, Residuals.Length * 8L);
    }
}

/// <summary>Gathers the parts of a page that are not known before all rows were seen.</summary>
internal ref struct TimeWriter
{
    private readonly Span<long> offsets;
    private readonly Span<long> positions;
    private readonly Span<long> values;
    private readonly Span<byte> room;
    private ResidualWriter residuals;
    private int exceptions;

    public TimeWriter(int count, PlanScratch scratch)
    {
        var blocks = (count + BitPacking.BlockValues - 1) / BitPacking.BlockValues;
        var lists = scratch.Lists(blocks + (2 * count));
        offsets = lists[..blocks];
        positions = lists.Slice(blocks, count);
        values = lists[(blocks + count)..];
        // 63 bits per row at most, written in eights.
        room = scratch.Trial().GetSpan((count * 8) + 8);
        residuals = new ResidualWriter(room);
    }

    public readonly void StartBlock(int block) => offsets[block] = residuals.Length;

    public void AddResidual(ulong residual, int width) => residuals.Write(residual, width);

    public void AddException(int row, long value)
    {
        positions[exceptions] = row;
        values[exceptions++] = value;
    }

    /// <summary>Appends the page if it takes fewer bytes than <paramref name="below"/>.</summary>
    public bool TryFinish(ReadOnlySpan<long> codes, ReadOnlySpan<long> restarts, int below, PooledBuffer into)
    {
        var bytes = residuals.Finish();
        if (bytes >= below) return false;
        for (var i = exceptions - 1; i > 0; i--) positions[i] -= positions[i - 1];
        var start = into.Length;
        NumberStream.WriteVarint(into, (ulong)exceptions);
        NumberStream.Write(codes, into);
        if (!restarts.IsEmpty) NumberStream.WritePacked(restarts, into);
        if (offsets.Length > 1) NumberStream.WritePacked(offsets[1..], into);
        if (exceptions > 0)
        {
            NumberStream.WritePacked(positions[..exceptions], into);
            NumberStream.WritePacked(values[..exceptions], into);
        }
        into.Write(room[..bytes]);
        if (into.Length - start < below) return true;
        into.Truncate(start);
        return false;
    }
}
