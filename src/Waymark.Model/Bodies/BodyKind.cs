// Which protocol and encoding a request body is in. The numbers stand in log records (docs/formats/wal.md): never renumber.
namespace Waymark.Model.Bodies;

/// <summary>Protocol and encoding of a (decompressed) request body.</summary>
public enum BodyKind : byte
{
    /// <summary><c>ExportTraceServiceRequest</c>, protobuf.</summary>
    OtlpProtobuf = 1,

    /// <summary><c>ExportTraceServiceRequest</c>, OTLP's JSON mapping.</summary>
    OtlpJson = 2,
}

/// <summary>How stored bytes are compressed. Numbers 2 (zstd) and 3 (LZ4) are reserved.</summary>
public enum BodyCodec : byte
{
    None = 0,
    Gzip = 1,
}
