// Ends bodies that stopped arriving: what they hold of the budget is needed by others.
using System.Collections.Concurrent;
using System.IO.Pipelines;

namespace Waymark.Server.Receivers;

/// <summary>
/// Looks at all bodies being read every <see cref="Window"/>, and cancels the pending read of those that got less than <see cref="BytesPerWindow"/> since the look before. Kestrel's own minimum
/// rate is an average over the whole body, by which a sender that was fast at first may stall for hours. Any number of threads.
/// </summary>
internal sealed class StallWatch
{
    /// <summary>How long a body may make no progress to speak of, at least; at most twice that.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>240 bytes a second, Kestrel's rate.</summary>
    public const long BytesPerWindow = 2_400;

    public static readonly StallWatch Shared = new(TimeProvider.System);

    private readonly ConcurrentDictionary<Watched, bool> bodies = [];
    private readonly ITimer timer;

    public StallWatch(TimeProvider time) => timer = time.CreateTimer(static watch => ((StallWatch)watch!).Look(), this, Window, Window);

    /// <summary>Watches a body from now until the result is disposed.</summary>
    public Watched Add(PipeReader reader)
    {
        var watched = new Watched(this, reader);
        bodies[watched] = true;
        return watched;
    }

    private void Look()
    {
        GC.KeepAlive(timer);
        foreach (var (body, _) in bodies) body.Look();
    }

    /// <summary>One body being read.</summary>
    internal sealed class Watched(StallWatch watch, PipeReader reader) : IDisposable
    {
        private long bytes;
        private long before = -1;

        /// <summary>Bytes read so far.</summary>
        public void Note(long soFar) => Volatile.Write(ref bytes, soFar);

        public void Dispose() => watch.bodies.TryRemove(this, out _);

        internal void Look()
        {
            var now = Volatile.Read(ref bytes);
            if (before >= 0 && now - before < BytesPerWindow) reader.CancelPendingRead();
            before = now;
        }
    }
}
