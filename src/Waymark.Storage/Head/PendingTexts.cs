// Texts of a request that are looked up together a little later: the memory their dictionaries need is asked for ahead, and the waits overlap.
using System.Runtime.Intrinsics.X86;

namespace Waymark.Storage.Head;

/// <summary>
/// Texts that wait for their codes, and the slots that wait for those texts. A large dictionary costs two reads from far memory per look-up; one at a time, they were a third of all of decoding.
/// Guarded by the lane's lock.
/// </summary>
internal sealed unsafe class PendingTexts : IDisposable
{
    // About 40 KB with their texts: stays in the cache until it is needed.
    private const int MaxTexts = 512;

    // A few very long texts fill it sooner.
    private const int MaxBytes = 256 * 1024;

    // In texts: far enough for memory to answer, near enough for the answer to be still in the cache.
    private const int SlotAhead = 16;
    private const int TextAhead = 8;

    private readonly ChunkedColumn<byte> copies = new(32 * 1024);
    private Waiting[] texts = new Waiting[MaxTexts];
    private Patch[] patches = new Patch[MaxTexts];
    private int count;

    /// <summary>Slots that wait.</summary>
    public int Patches { get; private set; }

    /// <summary>True when it is time to <see cref="Resolve"/>.</summary>
    public bool IsFull => count >= MaxTexts || copies.Count >= MaxBytes;

    /// <summary>Adds a text, copied; answers what stands for its code until then: a negative number.</summary>
    public int Add(int column, uint hash, ReadOnlySpan<byte> text, out byte* copy)
    {
        if (count == texts.Length) Array.Resize(ref texts, count * 2);
        copy = (byte*)copies.Address(copies.AddRoom(text.Length));
        text.CopyTo(new Span<byte>(copy, text.Length));
        texts[count] = new Waiting(copy, text.Length, hash, column);
        return ~count++;
    }

    /// <summary>Notes that a slot of the open span waits for a text.</summary>
    public void AddPatch(int slot, int pending)
    {
        if (Patches == patches.Length) Array.Resize(ref patches, Patches * 2);
        patches[Patches++] = new Patch(slot, ~pending);
    }

    /// <summary>The open span's slots, whose patches begin at <paramref name="firstPatch"/>, lie in the head from <paramref name="slots"/> on.</summary>
    public void Place(int firstPatch, int slots)
    {
        for (var k = firstPatch; k < Patches; k++) patches[k] = patches[k] with { Slot = patches[k].Slot + slots };
    }

    /// <summary>Forgets the patches from <paramref name="firstPatch"/> on: their span is abandoned. Its texts stay.</summary>
    public void Truncate(int firstPatch) => Patches = firstPatch;

    /// <summary>Looks all texts up and fills in all slots.</summary>
    public void Resolve(SpanHead head)
    {
        var columns = head.Columns;
        for (var k = 0; k < count + SlotAhead; k++)
        {
            if (Sse.IsSupported)
            {
                if (k < count) columns[texts[k].Column].Texts!.PrefetchSlot(texts[k].Hash);
                if (k >= TextAhead && k - TextAhead < count) columns[texts[k - TextAhead].Column].Texts!.PrefetchText(texts[k - TextAhead].Hash);
            }
            if (k < SlotAhead) continue;
            ref var text = ref texts[k - SlotAhead];
            var column = columns[text.Column];
            text.Code = column.Texts!.Resolve(~(k - SlotAhead), text.Hash, new ReadOnlySpan<byte>(text.Text, text.Length));
            if (column.LastSlots == ~(k - SlotAhead)) column.LastSlots = text.Code;
        }
        for (var k = 0; k < Patches; k++) head.Slots[patches[k].Slot] = texts[patches[k].Text].Code;
        Clear();
    }

    /// <summary>Forgets all: the request is rolled back.</summary>
    public void Drop(SpanHead head)
    {
        for (var k = 0; k < count; k++)
        {
            var column = head.Columns[texts[k].Column];
            column.Last = default;
            column.Texts!.ForgetLast();
        }
        Clear();
    }

    public void Dispose() => copies.Dispose();

    private void Clear()
    {
        count = 0;
        Patches = 0;
        copies.Truncate(0);
    }

    private struct Waiting(byte* text, int length, uint hash, int column)
    {
        public readonly byte* Text = text;
        public readonly int Length = length;
        public readonly uint Hash = hash;
        public readonly int Column = column;
        public int Code;
    }

    private readonly record struct Patch(int Slot, int Text);
}
