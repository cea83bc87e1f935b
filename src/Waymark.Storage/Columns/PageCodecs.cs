// Compression of what is text in a segment: LZ4, or zlib where it is clearly smaller and nobody waits for the bytes in a loop.
using System.IO.Compression;
using Waymark.Model.Bodies;

namespace Waymark.Storage.Columns;

/// <summary>
/// What compressing a column's pages has shown so far: its pages are alike, so the first one tries every codec and the following use what won. Not thread-safe; one per column (or part of one).
/// </summary>
internal sealed class CodecChoice
{
    /// <summary>After so many pages all are tried again; sooner where the page was too small to say much about the others.</summary>
    private const int TrustPages = 32;
    private const int TrustPagesOfSmall = 4;

    private int left;

    /// <summary>Zlib costs several times LZ4's time to read: leave it out for what scans decode.</summary>
    public bool AllowZlib { get; init; } = true;

    internal PageCodec Codec { get; private set; }

    /// <summary>There are no repeats for zlib to look for: only its codes of unequal length gain.</summary>
    internal bool HasNoRepeats { get; private set; }

    internal bool IsSettled => left > 0;

    internal void Use() => left--;

    internal void Settle(PageCodec codec, bool hasNoRepeats, bool isTelling)
    {
        Codec = codec;
        HasNoRepeats = hasNoRepeats;
        left = isTelling ? TrustPages : TrustPagesOfSmall;
    }
}

/// <summary>
/// Compressed bytes are stored as <c>varint plain length | the codec's bytes</c>, plain ones as they are. Reading bounds what it is asked to allocate by what the codec can do.
/// </summary>
internal static class PageCodecs
{
    /// <summary>Below this a codec's gain is less than the time to read it is worth.</summary>
    public const int MinBytes = 64;

    /// <summary>Plain bytes of one compressed part: far above any page or block the writer makes (texts of a page are bounded by the head's memory).</summary>
    public const int MaxPlainBytes = 256 * 1024 * 1024;

    /// <summary>Pages below this say little about the others of their column, and zlib's start costs more time than it saves bytes.</summary>
    private const int TellingBytes = 1024;

    /// <summary>zlib's third level: as small as its sixth within a per cent on segment pages, in less than half the time.</summary>
    private static readonly ZLibCompressionOptions Level = new() { CompressionLevel = 3 };

    /// <summary>For random letters, where looking for repeats takes most of the time and finds none.</summary>
    private static readonly ZLibCompressionOptions LettersOnly = new() { CompressionLevel = 3, CompressionStrategy = ZLibCompressionStrategy.HuffmanOnly };

    /// <summary>Neither codec can shrink more than zlib's 258 bytes in two bits.</summary>
    private const int MaxRatio = 1_032;

    /// <summary>Appends the page compressed, if that gains at least a tenth; else appends nothing and says <see cref="PageCodec.None"/>.</summary>
    public static PageCodec Compress(ReadOnlySpan<byte> page, PooledBuffer into, CodecChoice choice)
    {
        if (page.Length < MinBytes || page.Length > MaxPlainBytes) return PageCodec.None;
        if (choice.IsSettled)
        {
            choice.Use();
            return choice.Codec != PageCodec.None && TryCompress(page, choice.Codec, choice.HasNoRepeats, into, page.Length - (page.Length / 10)) ? choice.Codec : PageCodec.None;
        }
        var isTelling = page.Length >= TellingBytes;
        var codec = Try(page, into, choice.AllowZlib && isTelling, out var hasNoRepeats);
        choice.Settle(codec, hasNoRepeats, isTelling);
        return codec;
    }

    /// <summary>The length that decompressing will give, read from the front of <paramref name="stored"/>, which is moved to the codec's bytes. False: no such length is possible.</summary>
    public static bool TryReadPlainLength(ref ReadOnlySpan<byte> stored, out int length)
    {
        length = 0;
        if (!NumberStream.TryReadVarint(ref stored, out var plain) || plain > MaxPlainBytes || plain > (ulong)stored.Length * MaxRatio) return false;
        length = (int)plain;
        return true;
    }

    /// <summary>Fills all of <paramref name="into"/> from a codec's bytes (behind their length). False: they are damaged, of another length, or of a codec unknown here.</summary>
    public static bool TryDecompress(PageCodec codec, ReadOnlySpan<byte> stored, Span<byte> into) => codec switch
    {
        PageCodec.None => stored.Length == into.Length && stored.TryCopyTo(into),
        PageCodec.Lz4 => Lz4.TryDecompress(stored, into),
        PageCodec.Zlib => TryInflate(stored, into),
        _ => false,
    };

    private static PageCodec Try(ReadOnlySpan<byte> page, PooledBuffer into, bool allowZlib, out bool hasNoRepeats)
    {
        var start = into.Length;
        TryCompress(page, PageCodec.Lz4, false, into, int.MaxValue);
        var fast = into.Length - start;
        hasNoRepeats = fast > page.Length - (page.Length / 20);
        var gains = fast <= page.Length - (page.Length / 10);
        if (!gains) into.Truncate(start);
        var fastEnd = into.Length;
        // 15 % smaller than what LZ4 (or nothing) makes of it.
        var best = gains ? fast : page.Length;
        if (!allowZlib || !TryCompress(page, PageCodec.Zlib, hasNoRepeats, into, best - ((int)(best * 15L / 100)))) return gains ? PageCodec.Lz4 : PageCodec.None;
        into.WrittenSpan[fastEnd..].CopyTo(into.Written[start..]);
        into.Truncate(start + into.Length - fastEnd);
        return PageCodec.Zlib;
    }

    /// <summary>Appends length and codec's bytes unless they are more than <paramref name="limit"/>.</summary>
    private static bool TryCompress(ReadOnlySpan<byte> page, PageCodec codec, bool hasNoRepeats, PooledBuffer into, int limit)
    {
        var start = into.Length;
        NumberStream.WriteVarint(into, (ulong)page.Length);
        if (codec == PageCodec.Lz4)
        {
            into.Advance(Lz4.Compress(page, into.GetSpan(Lz4.MaxCompressedBytes(page.Length))));
        }
        else
        {
            using var sink = new BufferStream(into);
            using var zlib = new ZLibStream(sink, hasNoRepeats ? LettersOnly : Level);
            zlib.Write(page);
        }
        if (into.Length - start <= limit) return true;
        into.Truncate(start);
        return false;
    }

    private static unsafe bool TryInflate(ReadOnlySpan<byte> stored, Span<byte> into)
    {
        if (stored.IsEmpty) return false;
        try
        {
            // Unsafe: the library reads from streams only, and this is the one over borrowed memory that copies nothing.
            fixed (byte* start = stored)
            {
                using var source = new UnmanagedMemoryStream(start, stored.Length);
                using var zlib = new ZLibStream(source, CompressionMode.Decompress);
                return zlib.ReadAtLeast(into, into.Length, throwOnEndOfStream: false) == into.Length && zlib.ReadByte() < 0;
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Appends what is written to a buffer.</summary>
    private sealed class BufferStream(PooledBuffer buffer) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

        public override void Write(byte[] bytes, int offset, int count) => buffer.Write(bytes.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] bytes, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
