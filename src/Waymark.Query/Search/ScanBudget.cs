// How long one question may keep reading: what a person waits for is cut rather than awaited.
using Waymark.Model.Stores;

namespace Waymark.Query.Search;

/// <summary>The time that all scans of one question may take together. When it is spent, a scan ends where it is, and <see cref="IsSpent"/> says so. Not thread-safe.</summary>
public sealed class ScanBudget : IDisposable
{
    /// <summary>What a question gets unless it says otherwise: two seconds.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(2);

    private readonly CancellationToken caller;
    private readonly CancellationTokenSource timer;
    private readonly CancellationTokenSource either;

    /// <param name="caller">Gives up on the whole question: scans then throw <see cref="OperationCanceledException"/>.</param>
    public ScanBudget(TimeProvider time, TimeSpan length, CancellationToken caller)
    {
        this.caller = caller;
        timer = new CancellationTokenSource(length, time);
        either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, caller);
    }

    /// <summary>A scan was ended, or would be, before it saw everything.</summary>
    public bool IsSpent => timer.IsCancellationRequested;

    /// <summary>Hands block after block to <paramref name="take"/> until it returns false, the store has no more, or the budget is spent.</summary>
    public async Task ReadAsync(ITraceStore store, SpanScan scan, Func<SpanBlock, bool> take)
    {
        try
        {
            await foreach (var block in store.ScanAsync(scan, either.Token))
            {
                if (!take(block) || IsSpent) return;
            }
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            // Spent: what was taken so far is the answer.
        }
    }

    public void Dispose()
    {
        either.Dispose();
        timer.Dispose();
    }
}
