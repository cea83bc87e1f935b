// What can be wrong with a request before its body is even looked into.
namespace Waymark.Ingest.Admission;

/// <summary>Why a receiver turned a request away itself. Each member has one row in <see cref="AnswerTable"/>.</summary>
public enum TransportRefusal
{
    /// <summary>Not POST.</summary>
    Method,

    /// <summary>No such path or gRPC method.</summary>
    Path,

    /// <summary>Neither protobuf nor JSON.</summary>
    ContentType,

    /// <summary>Compressed with something other than gzip.</summary>
    Encoding,

    /// <summary>More bytes on the wire than allowed.</summary>
    TooLarge,

    /// <summary>More bytes after decompression than allowed.</summary>
    TooLargeDecompressed,

    /// <summary>Not gzip, cut off, or the checksum is wrong.</summary>
    CorruptGzip,

    /// <summary>The gRPC body is not exactly one whole message.</summary>
    GrpcFrame,

    /// <summary>A compressed gRPC message without a grpc-encoding.</summary>
    GrpcFlag,

    /// <summary>The bodies being received already fill the budget. Worth retrying.</summary>
    Busy,

    /// <summary>The body arrived too slowly. Worth retrying.</summary>
    TooSlow,

    /// <summary>The HTTP framing of the body is broken, or the body ended early.</summary>
    HttpFraming,

    /// <summary>A fault of ours.</summary>
    Fault,
}
