// A request body on its way from the socket to the decoder: read, counted against the budget, decompressed, given back.
using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Waymark.Ingest.Admission;
using Waymark.Model.Bodies;

namespace Waymark.Server.Receivers;

/// <summary>What came of reading a body.</summary>
internal enum BodyOutcome
{
    Ok,
    TooLarge,
    TooLargeDecompressed,
    CorruptGzip,

    /// <summary>The budget of bodies in flight is used up.</summary>
    Busy,

    /// <summary>Too little arrived for too long: see <see cref="StallWatch"/>.</summary>
    TooSlow,
}

/// <summary>One body in pooled memory. Disposing gives back memory and budget. Not thread-safe.</summary>
/// <param name="budget">What every byte held here is taken from.</param>
internal sealed class ReceivedBody(InFlightBytes budget) : IDisposable
{
    // A body of known length gets its memory in one piece up to here; a sender that merely announces much gets no more than this.
    private const int PresizeBytes = 256 * 1024;

    // Fits an SDK's usual batch without growing.
    private const int FirstBytes = 64 * 1024;

    private PooledBuffer? raw;
    private PooledBuffer? plain;
    private StallWatch.Watched? watched;
    private long reserved;

    /// <summary>The bytes from the wire.</summary>
    public ReadOnlyMemory<byte> Raw => raw is null ? default : raw.WrittenMemory;

    /// <summary>The decompressed message after <see cref="Decompress"/>.</summary>
    public ReadOnlyMemory<byte> Plain => plain is null ? default : plain.WrittenMemory;

    /// <summary>Reads to the end, or until a limit is met. Throws what Kestrel throws when the sender goes away, is too slow, or breaks the framing.</summary>
    /// <param name="announced">The Content-Length, if there is one.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<BodyOutcome> ReadAsync(PipeReader reader, long? announced, int maxBytes)
    {
        if (announced > maxBytes) return BodyOutcome.TooLarge;
        raw = new PooledBuffer((int)Math.Clamp(announced + 1 ?? FirstBytes, 1, PresizeBytes));
        watched = StallWatch.Shared.Add(reader);
        while (true)
        {
            var read = await reader.ReadAsync();
            var outcome = read.IsCanceled ? BodyOutcome.TooSlow : Take(read.Buffer, maxBytes);
            reader.AdvanceTo(read.Buffer.End);
            watched.Note(raw.Length);
            if (outcome == BodyOutcome.Ok && !read.IsCompleted) continue;
            watched.Dispose();
            return outcome;
        }
    }

    /// <summary>Decompresses part of the bytes read.</summary>
    public BodyOutcome Decompress(ReadOnlyMemory<byte> compressed, int maxBytes)
    {
        // The gzip trailer says how long the result is. Reserve that much, and if it lied (or there are several members) the whole limit, so that
        // what is held never exceeds what is reserved.
        var hint = compressed.Length >= 8 ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(compressed.Span[^4..]) : 0;
        var claimed = (int)Math.Min(hint, (uint)maxBytes);
        if (!Reserve(claimed)) return BodyOutcome.Busy;
        plain = new PooledBuffer(Math.Clamp(claimed + 1, 4096, PresizeBytes));
        var outcome = Gzip.Decompress(compressed, claimed, plain);
        if (outcome == GzipOutcome.TooLarge && claimed < maxBytes)
        {
            if (!Reserve(maxBytes - claimed)) return BodyOutcome.Busy;
            plain.Clear();
            outcome = Gzip.Decompress(compressed, maxBytes, plain);
        }

        return outcome switch
        {
            GzipOutcome.Ok => BodyOutcome.Ok,
            GzipOutcome.TooLarge => BodyOutcome.TooLargeDecompressed,
            _ => BodyOutcome.CorruptGzip,
        };
    }

    public void Dispose()
    {
        watched?.Dispose();
        raw?.Dispose();
        plain?.Dispose();
        raw = plain = null;
        budget.Release(reserved);
        reserved = 0;
    }

    /// <summary>The reason to give for a body that could not be read.</summary>
    public static TransportRefusal Refusal(BodyOutcome outcome) => outcome switch
    {
        BodyOutcome.TooLarge => TransportRefusal.TooLarge,
        BodyOutcome.TooLargeDecompressed => TransportRefusal.TooLargeDecompressed,
        BodyOutcome.CorruptGzip => TransportRefusal.CorruptGzip,
        BodyOutcome.TooSlow => TransportRefusal.TooSlow,
        _ => TransportRefusal.Busy,
    };

    private BodyOutcome Take(in ReadOnlySequence<byte> bytes, int maxBytes)
    {
        if (bytes.IsEmpty) return BodyOutcome.Ok;
        if (raw!.Length + bytes.Length > maxBytes) return BodyOutcome.TooLarge;
        if (!Reserve(bytes.Length)) return BodyOutcome.Busy;
        foreach (var segment in bytes) raw.Write(segment.Span);
        return BodyOutcome.Ok;
    }

    private bool Reserve(long bytes)
    {
        if (!budget.TryReserve(bytes, reserved)) return false;
        reserved += bytes;
        return true;
    }
}
