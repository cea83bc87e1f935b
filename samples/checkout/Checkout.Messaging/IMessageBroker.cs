// The contract between those who have something to say and those who wait for it.
namespace Checkout.Messaging;

/// <summary>At least once: a message that a handler failed on comes again. Safe for use by many threads.</summary>
public interface IMessageBroker
{
    /// <summary>Returns when the broker has the message. The message carries the trace of its span on.</summary>
    Task PublishAsync<T>(string queue, T message, CancellationToken cancellation) where T : class;

    /// <summary>Hands messages to <paramref name="handle"/>, one at a time, each within a span that continues the publisher's trace; until cancelled.</summary>
    Task ConsumeAsync<T>(string queue, Func<T, CancellationToken, Task> handle, CancellationToken cancellation) where T : class;
}
