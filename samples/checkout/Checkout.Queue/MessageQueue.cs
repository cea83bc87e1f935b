// One queue: messages wait in order, are lent for a while, and return if nobody says that they are done with.
using System.Collections.Concurrent;
using System.Threading.Channels;
using Checkout.Messaging;

namespace Checkout.Queue;

/// <summary>In memory: what it holds is lost with the process.</summary>
internal sealed class MessageQueue(TimeProvider time)
{
    /// <summary>Messages waiting; further ones are refused.</summary>
    private const int Capacity = 10_000;

    /// <summary>How long a receiver has before the message is given to another.</summary>
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(30);

    /// <summary>How long an empty-handed receiver is kept waiting.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    private readonly Channel<QueueMessage> waiting = Channel.CreateBounded<QueueMessage>(Capacity);
    private readonly ConcurrentDictionary<string, Lease> lent = new(StringComparer.Ordinal);

    /// <summary>False when the queue is full.</summary>
    public bool TryAdd(QueueMessage message) => waiting.Writer.TryWrite(message);

    /// <summary>The next message, or null when none came in time or the wait was cut short.</summary>
    public async Task<QueueMessage?> ReceiveAsync(CancellationToken cancellation)
    {
        ReturnExpired();
        using var clock = new CancellationTokenSource(MaxWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, clock.Token);
        try
        {
            var message = await waiting.Reader.ReadAsync(either.Token);
            lent[message.Id] = new Lease(message, time.GetUtcNow() + LeaseTime);
            return message;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public void Forget(string id) => lent.TryRemove(id, out _);

    private void ReturnExpired()
    {
        var now = time.GetUtcNow();
        foreach (var (id, lease) in lent)
        {
            if (lease.Until < now && lent.TryRemove(id, out var expired)) waiting.Writer.TryWrite(expired.Message);
        }
    }

    private sealed record Lease(QueueMessage Message, DateTimeOffset Until);
}
