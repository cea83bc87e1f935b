// Views of one moment for the threads that work for a query.
using System.Collections.Concurrent;

namespace Waymark.Storage.Scanning;

/// <summary>Forks of a view, each used by one at a time. Any number of threads; closed when none of them works any more, before the view.</summary>
internal sealed class ViewForks(StoreView view)
{
    private readonly ConcurrentBag<StoreView> idle = [];

    public StoreView Take() => idle.TryTake(out var fork) ? fork : view.Fork();

    public void Return(StoreView fork) => idle.Add(fork);

    public void Close()
    {
        foreach (var fork in idle) fork.Dispose();
    }
}
