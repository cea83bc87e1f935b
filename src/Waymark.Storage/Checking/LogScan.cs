// One log file read as it stands: every record that can be read, and the bytes in which there is none. Shared by the check of a store and the inspection of the one file.
using Waymark.Storage.FileSystem;
using Waymark.Storage.Wal;

namespace Waymark.Storage.Checking;

/// <summary>One readable record.</summary>
internal readonly record struct LogRecord(long Offset, WalRecordHeader Header);

/// <summary>Takes a readable record while the file is read; the payload is valid during the call only.</summary>
internal delegate void LogRecordVisitor(in LogRecord record, ReadOnlyMemory<byte> payload);

/// <summary>What a log file holds and where it is broken.</summary>
internal sealed class LogScan
{
    private LogScan(string path)
    {
        Path = path;
        if (WalFormat.TryParseName(path, out var named)) NamedSequence = named;
    }

    public string Path { get; }
    public long Length { get; private set; }
    public ulong NamedSequence { get; }
    public WalHeaderState HeaderState { get; private set; }
    public WalFileHeader Header { get; private set; }

    /// <summary>The lowest and highest sequences that don't matter without a header: the name's, and none.</summary>
    public ulong FirstSequence => HeaderState == WalHeaderState.Good ? Header.FirstSequence : NamedSequence;

    public ulong? Follows => HeaderState == WalHeaderState.Good ? Header.Follows : null;

    public List<LogRecord> Records { get; } = [];

    /// <summary>With a readable record after them.</summary>
    public List<ByteRange> Damaged { get; } = [];

    /// <summary>Bytes after the last record that are not zero; null when there are none.</summary>
    public ByteRange? Tail { get; private set; }

    /// <summary>Padding that is not zero.</summary>
    public List<long> Padding { get; } = [];

    /// <summary>Where the records end.</summary>
    public long End { get; private set; } = WalFormat.FileHeaderBytes;

    /// <summary>Only the first bytes.</summary>
    public static LogScan ReadHeader(IFileSystem files, string path)
    {
        using var file = files.OpenRead(path);
        return ReadHeader(file, path);
    }

    /// <summary>Reads the whole file. Throws <see cref="IOException"/> when that fails.</summary>
    /// <param name="storeId">Records are this store's; null: of the one the file's header names.</param>
    public static LogScan Read(IFileSystem files, string path, Guid? storeId, LogRecordVisitor? visitor = null)
    {
        using var file = files.OpenRead(path);
        var scan = ReadHeader(file, path);
        var seed = WalFormat.Seed(storeId ?? scan.Header.StoreId);
        using var reader = new WalFileReader(file, seed);
        scan.ReadRecords(file, reader, visitor);
        return scan;
    }

    private static LogScan ReadHeader(IFile file, string path)
    {
        var scan = new LogScan(path) { Length = file.Length };
        Span<byte> bytes = stackalloc byte[WalFormat.FileHeaderBytes];
        scan.HeaderState = WalFileHeader.Read(bytes[..file.Read(bytes, 0)], out var header);
        scan.Header = header;
        return scan;
    }

    private void ReadRecords(IFile file, WalFileReader reader, LogRecordVisitor? visitor)
    {
        var offset = (long)WalFormat.FileHeaderBytes;
        while (true)
        {
            var state = reader.TryRead(offset, out var header, out var payload);
            if (state == WalReadState.Good)
            {
                var record = new LogRecord(offset, header);
                Records.Add(record);
                visitor?.Invoke(record, payload);
                var end = offset + WalFormat.RecordHeaderBytes + header.PayloadLength;
                offset += header.RecordBytes;
                CheckPadding(file, end, Math.Min(offset, Length));
                End = Math.Min(offset, Length);
                continue;
            }

            var from = state == WalReadState.BadPayload ? offset + header.RecordBytes : offset + 8;
            var found = FindNext(reader, from);
            if (found < 0) break;
            Damaged.Add(new ByteRange(offset, found));
            offset = found;
        }
        var tail = reader.FirstNonZero(offset);
        if (tail >= 0) Tail = new ByteRange(offset, Length);
    }

    private static long FindNext(WalFileReader reader, long from)
    {
        for (var offset = from; (offset = reader.FirstNonZero(offset)) >= 0; offset += 8)
        {
            if (reader.TryRead(offset, out _, out _) == WalReadState.Good) return offset;
        }
        return -1;
    }

    private void CheckPadding(IFile file, long from, long to)
    {
        if (to <= from) return;
        Span<byte> padding = stackalloc byte[(int)(to - from)];
        if (padding[..file.Read(padding, from)].ContainsAnyExcept((byte)0)) Padding.Add(from);
    }
}
