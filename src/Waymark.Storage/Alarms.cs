// What an operator must hear of: damaged pages and files, lost records. Kept for the status answer, logged once each.
using Microsoft.Extensions.Logging;
using Waymark.Storage.Segments;

namespace Waymark.Storage;

/// <summary>Distinct alarms since the start, at most <see cref="Max"/>; further ones are passed over. Any number of threads.</summary>
internal sealed class Alarms(ILogger logger)
{
    private const int Max = 200;
    private readonly Lock gate = new();
    private readonly HashSet<string> all = [];

    public IReadOnlyList<string> All
    {
        get
        {
            lock (gate) return [.. all];
        }
    }

    public void Raise(CorruptFileException broken) => Add(broken.Message);

    public void Add(string alarm)
    {
        lock (gate)
        {
            if (all.Count >= Max || !all.Add(alarm)) return;
        }
        StorageLog.Alarm(logger, alarm);
    }
}
