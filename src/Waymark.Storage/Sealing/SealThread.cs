// The one thread that a store seals on.
namespace Waymark.Storage.Sealing;

/// <summary>
/// Runs pieces of work one after the other on a thread of its own, which is started by the first. Pools keep what a thread gives back for that thread: a seal's tens of megabytes of scratch
/// are found again by the next seal only where that one ran, and on threads that take turns every one of them would keep as much.
/// </summary>
internal sealed class SealThread : IDisposable
{
    private readonly Lock gate = new();
    private readonly Queue<Action> waiting = [];
    private readonly SemaphoreSlim ready = new(0);
    private Thread? thread;
    private bool isClosed;

    /// <summary>Any thread. What the work throws, the task throws.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            if (thread is null)
            {
                // One that can't be started is none: the next piece of work tries again, and this one must not wait for it.
                var made = new Thread(Run) { IsBackground = true, Name = "waymark-seal" };
                made.Start();
                thread = made;
            }
            waiting.Enqueue(() => Complete(work, done));
        }
        ready.Release();
        return done.Task;
    }

    /// <summary>Lets what is waiting be done, then ends the thread.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isClosed) return;
            isClosed = true;
        }
        ready.Release();
        thread?.Join();
        ready.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            ready.Wait();
            Action? next;
            lock (gate)
            {
                if (!waiting.TryDequeue(out next)) return;
            }
            next();
        }
    }

    private static void Complete<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        try
        {
            done.SetResult(work());
        }
        catch (Exception error)
        {
            // The one who waits decides what it means.
            done.SetException(error);
        }
    }
}
