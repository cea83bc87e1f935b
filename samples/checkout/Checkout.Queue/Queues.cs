// The queues by name; asking for one makes it.
using System.Collections.Concurrent;

namespace Checkout.Queue;

internal sealed class Queues(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, MessageQueue> byName = new(StringComparer.Ordinal);

    public MessageQueue Named(string name) => byName.GetOrAdd(name, static (_, time) => new MessageQueue(time), time);
}
