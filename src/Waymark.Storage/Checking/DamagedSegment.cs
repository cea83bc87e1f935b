// Opens a segment whose header, footer or directory is damaged as far as the rest of it allows, for looking only: queries never see such a file.
using System.Buffers.Binary;
using System.Diagnostics;
using Waymark.Storage.Columns;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Checking;

/// <summary>Replaces what can't be true by what follows from the rest, in memory, and tries again.</summary>
internal static class DamagedSegment
{
    /// <summary>The file, mended as far as possible; null when its directory can't be found or makes no sense.</summary>
    public static SegmentReader? TryOpen(IFileSystem files, string path)
    {
        byte[] bytes;
        using (var file = files.OpenRead(path))
        {
            if (file.Length is < SegmentFormat.HeaderBytes + SegmentFormat.FooterBytes or > int.MaxValue) return null;
            bytes = new byte[file.Length];
            if (file.Read(bytes, 0) != bytes.Length) return null;
        }
        var footer = bytes.AsSpan(^SegmentFormat.FooterBytes);
        if (!footer[56..].SequenceEqual(SegmentFormat.FooterMagic) || Crc32C.Compute(footer[..52]) != BinaryPrimitives.ReadUInt32LittleEndian(footer[52..])) return null;
        Mend(bytes, footer);
        try
        {
            return SegmentReader.Open(new OneFile(path, bytes), path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Mend(byte[] bytes, Span<byte> footer)
    {
        var header = bytes.AsSpan(0, SegmentFormat.HeaderBytes);
        if (!header.StartsWith(SegmentFormat.HeaderMagic) || Crc32C.Compute(header[..60]) != BinaryPrimitives.ReadUInt32LittleEndian(header[60..]))
        {
            SegmentFormat.HeaderMagic.CopyTo(header);
            BinaryPrimitives.WriteUInt16LittleEndian(header[8..], SegmentFormat.Major);
            footer.Slice(32, 8).CopyTo(header[16..]);
            BinaryPrimitives.WriteUInt32LittleEndian(header[60..], Crc32C.Compute(header[..60]));
        }
        var (offset, length) = (BinaryPrimitives.ReadInt64LittleEndian(footer), BinaryPrimitives.ReadInt64LittleEndian(footer[8..]));
        if (offset < SegmentFormat.HeaderBytes || length < 0 || offset > bytes.Length - SegmentFormat.FooterBytes - length) return;
        BinaryPrimitives.WriteUInt32LittleEndian(footer[16..], Crc32C.Compute(bytes.AsSpan((int)offset, (int)length)));
        BinaryPrimitives.WriteUInt32LittleEndian(footer[52..], Crc32C.Compute(footer[..52]));
    }

    /// <summary>A file system of one file in memory.</summary>
    private sealed class OneFile(string path, byte[] bytes) : IFileSystem, IFile
    {
        public string Path => path;

        public long Length => bytes.Length;

        public int Read(Span<byte> buffer, long offset)
        {
            if (offset >= bytes.Length) return 0;
            var count = (int)Math.Min(buffer.Length, bytes.Length - offset);
            bytes.AsSpan((int)offset, count).CopyTo(buffer);
            return count;
        }

        public IFile OpenRead(string path) => this;

        public bool Exists(string path) => path == Path;

        public IReadOnlyList<string> List(string directory) => [Path];

        public void Dispose()
        {
        }

        public void CreateDirectory(string path) => throw Changes();

        public IFile Create(string path, long preallocate = 0) => throw Changes();

        public IFile Open(string path) => throw Changes();

        public void Rename(string from, string to) => throw Changes();

        public void Delete(string path) => throw Changes();

        public void SyncDirectory(string path) => throw Changes();

        public (long Free, long Total) Space(string directory) => throw Changes();

        public void Write(ReadOnlySpan<byte> bytes, long offset) => throw Changes();

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset) => throw Changes();

        public void SetLength(long length) => throw Changes();

        public void Sync() => throw Changes();

        private UnreachableException Changes() => new($"A look at {path} would have changed it.");
    }
}
