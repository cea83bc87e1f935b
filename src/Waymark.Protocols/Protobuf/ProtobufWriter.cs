// The protobuf wire format, written: fields appended to a pooled buffer, lengths of nested messages filled in when they are known.
using System.Buffers.Binary;
using System.Numerics;
using Waymark.Model.Bodies;

namespace Waymark.Protocols.Protobuf;

/// <summary>Appends fields to a <see cref="PooledBuffer"/>. A tag is field number × 8 + wire type. Varints are the shortest there are.</summary>
internal static class ProtobufWriter
{
    public static void WriteVarint(this PooledBuffer buffer, ulong value)
    {
        var span = buffer.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        span[length++] = (byte)value;
        buffer.Advance(length);
    }

    public static void WriteVarintField(this PooledBuffer buffer, uint tag, ulong value)
    {
        buffer.WriteVarint(tag);
        buffer.WriteVarint(value);
    }

    public static void WriteFixed64Field(this PooledBuffer buffer, uint tag, ulong value)
    {
        buffer.WriteVarint(tag);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
    }

    public static void WriteFixed32Field(this PooledBuffer buffer, uint tag, uint value)
    {
        buffer.WriteVarint(tag);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
    }

    /// <summary>A length-delimited field whose content is at hand.</summary>
    public static void WriteBytesField(this PooledBuffer buffer, uint tag, ReadOnlySpan<byte> content)
    {
        buffer.WriteVarint(tag);
        buffer.WriteVarint((uint)content.Length);
        buffer.Write(content);
    }

    /// <summary>Opens a nested message. The result goes to <see cref="EndMessage"/>.</summary>
    public static int BeginMessage(this PooledBuffer buffer, uint tag)
    {
        buffer.WriteVarint(tag);
        buffer.GetSpan(1)[0] = 0;
        buffer.Advance(1);
        return buffer.Length;
    }

    /// <summary>Closes a nested message: fills in its length, moving the content up when the length needs more than the one byte kept for it.</summary>
    public static void EndMessage(this PooledBuffer buffer, int start)
    {
        var length = buffer.Length - start;
        if (length < 0x80)
        {
            buffer.Written[start - 1] = (byte)length;
            return;
        }
        // 7 bits a byte: ceil(bits / 7) bytes, one of which is there already.
        var more = (38 - BitOperations.LeadingZeroCount((uint)length)) / 7 - 1;
        buffer.GetSpan(more);
        buffer.Advance(more);
        var written = buffer.Written;
        written.Slice(start, length).CopyTo(written[(start + more)..]);
        var rest = (uint)length;
        for (var i = start - 1; i < start - 1 + more; i++)
        {
            written[i] = (byte)(rest | 0x80);
            rest >>= 7;
        }
        written[start - 1 + more] = (byte)rest;
    }
}
