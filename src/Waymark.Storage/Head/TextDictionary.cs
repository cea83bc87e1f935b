// Interned byte strings of one head column: a code per distinct text.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

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

    // Fewer (16 KB) stay in the nearest cache anyway.
    private const int LargeSlots = 2048;
    private const double GiveUpRatio = 0.6;

    // A record holds code, length and text: what a look-up needs lies together, and the slots stay small enough for the cache.
    private const int RecordHead = 8;

    private readonly ChunkedColumn<nint> records = new(64);
    private readonly ChunkedColumn<byte> heap = new(1024);
    private long asked;
    private SlotTable<Slot>? slots;

    // The last text and its code, or what stands for that (see PendingTexts): in the heap, or in the copies of texts that wait.
    private byte* lastText;
    private int lastLength;
    private int lastCode;

    public int Count => records.Count;

    /// <summary>True once codes may repeat a text.</summary>
    public bool GaveUp { get; private set; }

    public long Bytes => records.Bytes + heap.Bytes + (slots?.Bytes ?? 0);

    /// <summary>The text of a code.</summary>
    // Unsafe for the same reason as ChunkedColumn; the heap's bytes do not move.
    public ReadOnlySpan<byte> this[int code] => TextOf((byte*)records[code]);

    /// <summary>Asks for the memory of a code's text ahead of reading it; for the caller to check: SSE.</summary>
    public void Prefetch(int code)
    {
        var record = (byte*)records[code];
        Sse.Prefetch0(record);
        // Two lines hold most texts.
        Sse.Prefetch0(record + 64);
    }

    /// <summary>The code of a text that is known; false also when <see cref="GaveUp"/>.</summary>
    public bool TryFind(ReadOnlySpan<byte> text, out int code)
    {
        code = -1;
        if (slots is not { } table) return false;
        var hash = Hash(text);
        var mask = (uint)table.Length - 1;
        for (var at = hash & mask; ; at = (at + 1) & mask)
        {
            ref var slot = ref table[(int)at];
            if (slot.RecordPlusOne == 0) return false;
            if (slot.Hash != hash) continue;
            var known = (byte*)heap.Address(slot.RecordPlusOne - 1);
            if (!TextOf(known).SequenceEqual(text)) continue;
            code = CodeOf(known);
            return true;
        }
    }

    /// <summary>The code of a text, new or known.</summary>
    public int Intern(ReadOnlySpan<byte> text)
    {
        asked++;
        return IsLast(text) && lastCode >= 0 ? lastCode : Remember(GaveUp ? Append(text) : Find(Hash(text), text));
    }

    /// <summary>As <see cref="Intern"/>, but a look-up that would wait for memory is put off: then the answer is negative, and stands for the code until <see cref="PendingTexts.Resolve"/>.</summary>
    /// <param name="column">The id of the column this is the dictionary of.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int InternLater(ReadOnlySpan<byte> text, int column, PendingTexts pending)
    {
        asked++;
        return IsLast(text) ? lastCode : InternOther(text, column, pending);
    }

    private int InternOther(ReadOnlySpan<byte> text, int column, PendingTexts pending)
    {
        if (GaveUp) return Remember(Append(text));
        var hash = Hash(text);
        if (slots is null || slots.Length < LargeSlots) return Remember(Find(hash, text));
        lastCode = pending.Add(column, hash, text, out lastText);
        lastLength = text.Length;
        return lastCode;
    }

    /// <summary>The code of a text that was put off.</summary>
    /// <param name="standIn">What stood for it.</param>
    public int Resolve(int standIn, uint hash, ReadOnlySpan<byte> text)
    {
        var record = GaveUp ? Append(text) : Find(hash, text);
        return lastCode == standIn ? Remember(record) : CodeOf(record);
    }

    /// <summary>Asks for the memory of a look-up ahead of it; for the caller to check: SSE.</summary>
    public void PrefetchSlot(uint hash) => slots?.Prefetch((int)(hash & ((uint)slots.Length - 1)));

    /// <summary>Asks for the text that the slot, itself in the cache by now, leads to.</summary>
    public void PrefetchText(uint hash)
    {
        if (slots is null) return;
        ref var slot = ref slots[(int)(hash & ((uint)slots.Length - 1))];
        if (slot.Hash == hash && slot.RecordPlusOne != 0) heap.Prefetch(slot.RecordPlusOne - 1);
    }

    /// <summary>The last text's code was never found out.</summary>
    public void ForgetLast() => lastText = null;

    /// <summary>The last text once more, its code known to the caller.</summary>
    public void CountAgain() => asked++;

    public void Dispose()
    {
        records.Dispose();
        heap.Dispose();
        slots?.Dispose();
    }

    private static uint Hash(ReadOnlySpan<byte> text) => (uint)TextHash.Of(text, ProcessSeed.Value);

    /// <summary>Neighbours often agree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsLast(ReadOnlySpan<byte> text) => lastText != null && lastLength == text.Length && new ReadOnlySpan<byte>(lastText, lastLength).SequenceEqual(text);

    private int Remember(byte* record)
    {
        lastText = record + RecordHead;
        lastLength = ((int*)record)[1];
        return lastCode = CodeOf(record);
    }

    private static int CodeOf(byte* record) => *(int*)record;

    private static ReadOnlySpan<byte> TextOf(byte* record) => new(record + RecordHead, ((int*)record)[1]);

    private byte* Find(uint hash, ReadOnlySpan<byte> text)
    {
        var table = slots;
        if (table is null || records.Count * 2 >= table.Length) table = Grow();
        var mask = (uint)table.Length - 1;
        for (var at = hash & mask; ; at = (at + 1) & mask)
        {
            ref var slot = ref table[(int)at];
            if (slot.RecordPlusOne == 0)
            {
                var added = Append(text);
                slot = new Slot(hash, heap.Count - RecordBytes(text.Length) + 1);
                if (records.Count >= GiveUpEarlyAfter && records.Count > asked * (records.Count >= GiveUpAfter ? GiveUpRatio : GiveUpEarlyRatio)) GiveUp();
                return added;
            }
            if (slot.Hash != hash) continue;
            var known = (byte*)heap.Address(slot.RecordPlusOne - 1);
            if (TextOf(known).SequenceEqual(text)) return known;
        }
    }

    private byte* Append(ReadOnlySpan<byte> text)
    {
        var record = (byte*)heap.Address(heap.AddRoom(RecordBytes(text.Length)));
        *(int*)record = records.Count;
        ((int*)record)[1] = text.Length;
        text.CopyTo(new Span<byte>(record + RecordHead, text.Length));
        records.Add((nint)record);
        return record;
    }

    // Four-byte alignment, for the two numbers in front.
    private static int RecordBytes(int length) => (RecordHead + length + 3) & ~3;

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
        var mask = (uint)larger.Length - 1;
        for (var k = 0; k < (smaller?.Length ?? 0); k++)
        {
            ref var slot = ref smaller![k];
            if (slot.RecordPlusOne == 0) continue;
            var at = slot.Hash & mask;
            while (larger[(int)at].RecordPlusOne != 0) at = (at + 1) & mask;
            larger[(int)at] = slot;
        }
        smaller?.Dispose();
        return slots = larger;
    }

    /// <summary>Part of the hash, and where in the heap the record begins.</summary>
    private readonly record struct Slot(uint Hash, int RecordPlusOne);
}
