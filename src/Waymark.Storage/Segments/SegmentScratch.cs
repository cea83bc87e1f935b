// What writing a segment needs beside its content: some two megabytes, kept from one segment to the next.
using Waymark.Model.Bodies;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Segments;

/// <summary>Encoders and buffers of one segment writer. One set is kept for the next; segments written at the same time get their own.</summary>
internal sealed class SegmentScratch : IDisposable
{
    /// <summary>Writes are gathered to this size; whatever is larger goes straight to the file.</summary>
    private const int StagingBytes = 256 * 1024;

    private static SegmentScratch? kept;

    private SegmentScratch()
    {
    }

    public byte[] Staging { get; } = new byte[StagingBytes];

    public StringsPageEncoder Texts { get; } = new();

    public DictionaryBlocks Blocks { get; } = new();

    /// <summary>A page or block being laid out.</summary>
    public PooledBuffer Page { get; } = new(256 * 1024);

    public static SegmentScratch Rent() => Interlocked.Exchange(ref kept, null) ?? new SegmentScratch();

    public void Dispose()
    {
        Page.Clear();
        if (Interlocked.CompareExchange(ref kept, this, null) is null) return;
        Texts.Dispose();
        Blocks.Dispose();
        Page.Dispose();
    }
}
