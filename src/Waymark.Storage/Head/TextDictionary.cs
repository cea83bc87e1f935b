// Interned byte strings of one head column: a code per distinct text.
using System.Runtime.InteropServices;

namespace Waymark.Storage.Head;

/// <summary>
/// An append-only dictionary of byte strings. One writer; readers may read the text of any code they were published. When nearly every text is new
/// (more than 90 % of the first 2,048, or 60 % of at least 16,384) it gives up comparing and only appends: codes are then no longer distinct by text.
/// </summary>
internal sealed unsafe class TextDictionary : IDisposable
{
    private const int GiveUpAfter = 16_384;
    private const int GiveUpEarlyAfter = 2_048;
    private const double GiveUpEarlyRatio = 0.9;
    private const double GiveUpRatio = 0.6;

    private readonly ChunkedColumn<Entry> entries = new(64);
    private readonly ChunkedColumn<byte> heap = new(1024);
    private long asked;
    private SlotTable<Slot>? slots;
    private ulong lastHash;
    private int last = -1;

    public int Count => entries.Count;

    /// <summary>True once codes may repeat a text.</summary>
    public bool GaveUp { get; private set; }

    public long Bytes => entries.Bytes + heap.Bytes + (slots?.Bytes ?? 0);

    /// <summary>The text of a code.</summary>
    public ReadOnlySpan<byte> this[int code]
    {
        get
        {
            ref readonly var entry = ref entries[code];
            // Unsafe for the same reason as ChunkedColumn; the heap's bytes do not move.
            return new ReadOnlySpan<byte>((void*)entry.Address, entry.Length);
        }
    }

    /// <summary>The code of a text, new or known.</summary>
    public int Intern(ReadOnlySpan<byte> text)
    {
        if (GaveUp) return Append(text);
        asked++;
        var hash = TextHash.Of(text, ProcessSeed.Value);
        // Neighbours often agree, and two hashes are compared faster than two texts.
        if (hash == lastHash && last >= 0 && this[last].SequenceEqual(text)) return last;
        lastHash = hash;
        return last = Find(hash, text);
    }

    private int Find(ulong hash, ReadOnlySpan<byte> text)
    {
        var table = slots;
        if (table is null || entries.Count * 2 >= table.Length) table = Grow();
        var mask = table.Length - 1;
        for (var at = (int)hash & mask; ; at = (at + 1) & mask)
        {
            ref var slot = ref table[at];
            if (slot.CodePlusOne == 0)
            {
                var code = Append(text);
                slot = new Slot(hash, entries[code].Address, text.Length, code + 1);
                if (entries.Count >= GiveUpEarlyAfter && entries.Count > asked * (entries.Count >= GiveUpAfter ? GiveUpRatio : GiveUpEarlyRatio)) GiveUp();
                return code;
            }
            if (slot.Hash == hash && slot.Length == text.Length && new ReadOnlySpan<byte>((void*)slot.Address, slot.Length).SequenceEqual(text)) return slot.CodePlusOne - 1;
        }
    }

    public void Dispose()
    {
        entries.Dispose();
        heap.Dispose();
        slots?.Dispose();
    }

    private int Append(ReadOnlySpan<byte> text)
    {
        var start = heap.AddRun(text);
        return entries.Add(new Entry(text.IsEmpty ? 0 : heap.Address(start), text.Length));
    }

    private void GiveUp()
    {
        GaveUp = true;
        slots?.Dispose();
        slots = null;
    }

    private SlotTable<Slot> Grow()
    {
        var smaller = slots;
        var larger = new SlotTable<Slot>(Math.Max(64, (smaller?.Length ?? 0) * 2));
        var mask = larger.Length - 1;
        for (var k = 0; k < (smaller?.Length ?? 0); k++)
        {
            ref var slot = ref smaller![k];
            if (slot.CodePlusOne == 0) continue;
            var at = (int)slot.Hash & mask;
            while (larger[at].CodePlusOne != 0) at = (at + 1) & mask;
            larger[at] = slot;
        }
        smaller?.Dispose();
        return slots = larger;
    }

    /// <summary>All that a look-up needs, so that a hit touches the slot and the text and nothing between.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Slot(ulong Hash, nint Address, int Length, int CodePlusOne);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(nint Address, int Length);
}
