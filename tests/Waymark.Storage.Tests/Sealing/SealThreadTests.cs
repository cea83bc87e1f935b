// The thread that seals: one, in order, to the end, and whoever waits hears how it went.
using Waymark.Storage.Sealing;

namespace Waymark.Storage.Tests.Sealing;

public sealed class SealThreadTests
{
    [Fact]
    public async Task Work_is_done_in_order_by_one_thread_and_failures_are_whoever_waits_own()
    {
        using var thread = new SealThread();
        var done = new List<(int Work, int Thread)>();
        var tasks = new List<Task<int>>();
        for (var k = 0; k < 50; k++)
        {
            var work = k;
            tasks.Add(thread.RunAsync(() =>
            {
                done.Add((work, Environment.CurrentManagedThreadId));
                return work % 7 == 3 ? throw new IOException($"{work}") : work;
            }));
        }
        for (var k = 0; k < tasks.Count; k++)
        {
            if (k % 7 == 3) Assert.Equal($"{k}", (await Assert.ThrowsAsync<IOException>(() => tasks[k])).Message);
            else Assert.Equal(k, await tasks[k]);
        }
        Assert.Equal(Enumerable.Range(0, 50), done.Select(d => d.Work));
        Assert.Single(done.Select(d => d.Thread).Distinct());
    }

    [Fact]
    public async Task What_is_waiting_when_it_is_closed_is_done_and_nothing_after()
    {
        var thread = new SealThread();
        var tasks = Enumerable.Range(0, 5).Select(k => thread.RunAsync(() =>
        {
            Thread.Sleep(5);
            return k;
        })).ToArray();
        thread.Dispose();
        thread.Dispose();
        Assert.True(Array.TrueForAll(tasks, t => t.IsCompleted));
        Assert.Equal(Enumerable.Range(0, 5), await Task.WhenAll(tasks));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => thread.RunAsync(() => 1));
        new SealThread().Dispose();
    }
}
