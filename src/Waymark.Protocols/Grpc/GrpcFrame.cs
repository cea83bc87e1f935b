// The five-byte frame around every gRPC message: first thing off the wire on 4317, last thing before the decoder.
using System.Buffers;
using System.Buffers.Binary;

namespace Waymark.Protocols.Grpc;

/// <summary>What stands in a gRPC request body.</summary>
public enum GrpcFrameOutcome
{
    /// <summary>Exactly one message.</summary>
    One,

    /// <summary>The body ended before the message did, or held none.</summary>
    Truncated,

    /// <summary>The compression flag is neither 0 nor 1.</summary>
    BadFlag,

    /// <summary>More than one message where the method takes one.</summary>
    Several,
}

/// <summary>Reads and writes gRPC's length-prefixed messages: one flag byte, four bytes of length (big-endian), the message.</summary>
public static class GrpcFrame
{
    /// <summary>Bytes before each message.</summary>
    public const int HeaderLength = 5;

    /// <summary>The length a frame announces, or -1 while fewer than <see cref="HeaderLength"/> bytes have arrived. Up to 2^32 − 1.</summary>
    public static long AnnouncedLength(ReadOnlySpan<byte> body) =>
        body.Length < HeaderLength ? -1 : BinaryPrimitives.ReadUInt32BigEndian(body[1..]);

    /// <summary>Takes apart the body of a unary call.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="compressed">True when the message is compressed as the grpc-encoding header says.</param>
    /// <param name="length">Bytes of the message, which starts at <see cref="HeaderLength"/>; meaningful only for <see cref="GrpcFrameOutcome.One"/>.</param>
    public static GrpcFrameOutcome Read(ReadOnlySpan<byte> body, out bool compressed, out int length)
    {
        compressed = false;
        length = 0;
        var announced = AnnouncedLength(body);
        if (announced < 0) return GrpcFrameOutcome.Truncated;
        if (body[0] > 1) return GrpcFrameOutcome.BadFlag;
        var there = body.Length - HeaderLength;
        if (announced > there) return GrpcFrameOutcome.Truncated;
        if (announced < there) return GrpcFrameOutcome.Several;
        compressed = body[0] == 1;
        length = there;
        return GrpcFrameOutcome.One;
    }

    /// <summary>Writes the header of an uncompressed message of <paramref name="length"/> bytes.</summary>
    public static void WriteHeader(int length, IBufferWriter<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var header = output.GetSpan(HeaderLength);
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], length);
        output.Advance(HeaderLength);
    }
}
