// The status codes of gRPC (and of google.rpc.Status, which borrows them).
namespace Waymark.Protocols.Grpc;

/// <summary>gRPC status codes, as numbered in the gRPC protocol's "Status codes and their use".</summary>
public enum GrpcStatus
{
    Ok = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    PermissionDenied = 7,

    /// <summary>In OTLP: not to be retried, unless a RetryInfo comes with it.</summary>
    ResourceExhausted = 8,

    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,

    /// <summary>In OTLP: to be retried.</summary>
    Unavailable = 14,

    DataLoss = 15,
    Unauthenticated = 16,
}
