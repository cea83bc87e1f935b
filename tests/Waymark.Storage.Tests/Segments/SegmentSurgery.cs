// Changes to a finished segment that keep its checksums valid: what only a newer or a faulty writer could produce.
using System.Buffers.Binary;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Tests.Segments;

internal static class SegmentSurgery
{
    public delegate void Cut(Span<byte> part);

    public static void PatchHeader(byte[] file, Cut cut)
    {
        var header = file.AsSpan(0, SegmentFormat.HeaderBytes);
        cut(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[60..], Crc32C.Compute(header[..60]));
    }

    public static void PatchFooter(byte[] file, Cut cut)
    {
        var footer = file.AsSpan(file.Length - SegmentFormat.FooterBytes);
        cut(footer);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[52..], Crc32C.Compute(footer[..52]));
    }

    public static void PatchDirectory(byte[] file, Cut cut)
    {
        var footer = file.AsSpan(file.Length - SegmentFormat.FooterBytes);
        var directory = file.AsSpan((int)BinaryPrimitives.ReadInt64LittleEndian(footer), (int)BinaryPrimitives.ReadInt64LittleEndian(footer[8..]));
        cut(directory);
        var crc = Crc32C.Compute(directory);
        PatchFooter(file, part => BinaryPrimitives.WriteUInt32LittleEndian(part[16..], crc));
    }
}
