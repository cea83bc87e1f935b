// A window over one log file for the replay: records at an offset, and the next place where something is written.
using System.Buffers;
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Wal;

internal enum WalReadState
{
    Good,

    /// <summary>No record header here.</summary>
    BadHeader,

    /// <summary>A good header, whose extent can be trusted, over bytes that are not what was written.</summary>
    BadPayload,
}

/// <summary>Reads through a pooled buffer of 4 MiB, larger only for a record whose header checksum vouches for its length. One thread.</summary>
internal sealed class WalFileReader(IFile file, uint seed) : IDisposable
{
    private const int WindowBytes = 4 << 20;

    private readonly long length = file.Length;
    private byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(WindowBytes, Math.Max(file.Length, WalFormat.RecordHeaderBytes)));
    private long windowStart;
    private int windowLength;

    /// <summary>The record at an offset. The payload is valid until the next call.</summary>
    public WalReadState TryRead(long offset, out WalRecordHeader header, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        header = default;
        if (!Load(offset, WalFormat.RecordHeaderBytes)) return WalReadState.BadHeader;
        if (!WalRecordHeader.TryRead(Window(offset, WalFormat.RecordHeaderBytes).Span, seed, out header)) return WalReadState.BadHeader;
        if (!Load(offset, WalFormat.RecordHeaderBytes + header.PayloadLength)) return WalReadState.BadPayload;
        payload = Window(offset + WalFormat.RecordHeaderBytes, header.PayloadLength);
        return WalRecordHeader.Matches(Window(offset, WalFormat.RecordHeaderBytes).Span, payload.Span, seed) ? WalReadState.Good : WalReadState.BadPayload;
    }

    /// <summary>Header and payload of the record read last.</summary>
    public ReadOnlyMemory<byte> Record(long offset, in WalRecordHeader header) => Window(offset, WalFormat.RecordHeaderBytes + header.PayloadLength);

    /// <summary>The first 8-aligned place at or after an (aligned) offset whose 8 bytes are not all zero; −1 when the rest is zeros or nothing.</summary>
    public long FirstNonZero(long offset)
    {
        while (offset < length)
        {
            Load(offset, 1);
            var window = Window(offset, (int)(windowStart + windowLength - offset)).Span;
            var index = window.IndexOfAnyExcept((byte)0);
            if (index >= 0) return offset + (index & ~7);
            offset += window.Length;
        }

        return -1;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }

    private Memory<byte> Window(long offset, int count) => buffer.AsMemory((int)(offset - windowStart), count);

    /// <summary>Brings [offset, offset + count) into the window; false when the file ends before.</summary>
    private bool Load(long offset, int count)
    {
        if (offset < 0 || offset > length - count) return false;
        if (offset >= windowStart && offset + count <= windowStart + windowLength) return true;
        if (buffer.Length < count)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(count);
        }

        windowStart = offset;
        windowLength = file.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - offset)), offset);
        return windowLength >= count;
    }
}
