// One process of the demo: its lines, its end, and how it is asked to end.
using System.Diagnostics;
using Checkout.Shared.Hosting;

namespace Checkout.Demo;

/// <summary>Ends with this process, whatever becomes of it: the pipe to its standard input is its lifeline.</summary>
internal sealed class Child : IDisposable
{
    /// <summary>Lines of output kept to show when something goes wrong.</summary>
    private const int KeptLines = 12;

    private readonly Process process;
    private readonly Lock gate = new();
    private readonly Queue<string> lastLines = new();
    private readonly List<(string Prefix, TaskCompletionSource<string> Found)> waiting = [];
    private readonly List<string> output = [];

    private Child(string name, Process process)
    {
        Name = name;
        this.process = process;
        Exited = WaitForExitAsync();
    }

    public string Name { get; }

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>True once <see cref="StopAsync"/> was called: its end is no surprise then.</summary>
    public bool IsStopping { get; private set; }

    public static Child Start(string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment[Lifeline.Variable] = Lifeline.Stdin;
        foreach (var (key, value) in environment) start.Environment[key] = value;
        return new Child(name, Process.Start(start)!);
    }

    /// <summary>The first line of output that starts with <paramref name="prefix"/>, without it.</summary>
    /// <exception cref="DemoException">The process ended first, or the time was up.</exception>
    public async Task<string> WaitForLineAsync(string prefix, TimeSpan limit, CancellationToken cancellation)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (output.Find(line => line.StartsWith(prefix, StringComparison.Ordinal)) is { } line) return line[prefix.Length..];
            waiting.Add((prefix, found));
        }

        var late = Task.Delay(limit, cancellation);
        var first = await Task.WhenAny(found.Task, Exited, late);
        cancellation.ThrowIfCancellationRequested();
        if (first == found.Task) return await found.Task;
        throw new DemoException(first == late ? $"{Name} was not ready within {limit.TotalSeconds} s.{LastLines()}" : Obituary());
    }

    /// <summary>Why it ended, as far as it said.</summary>
    public string Obituary() => $"{Name} ended with code {(Exited.IsCompletedSuccessfully ? process.ExitCode : -1)}.{LastLines()}";

    /// <summary>Asks, waits, and insists when the time is up.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        IsStopping = true;
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already: nobody holds the other end.
        }

        if (await Task.WhenAny(Exited, Task.Delay(patience)) == Exited) return;
        process.Kill(entireProcessTree: true);
        await Exited;
    }

    public void Dispose() => process.Dispose();

    private async Task<int> WaitForExitAsync()
    {
        // Read to the end first: what a process says last is why it ended.
        await Task.WhenAll(ReadAsync(process.StandardOutput, keep: true), ReadAsync(process.StandardError, keep: false));
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private async Task ReadAsync(StreamReader reader, bool keep)
    {
        while (await reader.ReadLineAsync() is { } line) Record(line, keep);
    }

    private void Record(string line, bool keep)
    {
        lock (gate)
        {
            lastLines.Enqueue(line);
            if (lastLines.Count > KeptLines) lastLines.Dequeue();
            // Only until everything is up: a service says little, but it may run for days.
            if (keep && output.Count < 100) output.Add(line);
            foreach (var (prefix, found) in waiting)
            {
                if (line.StartsWith(prefix, StringComparison.Ordinal)) found.TrySetResult(line[prefix.Length..]);
            }
        }
    }

    private string LastLines()
    {
        lock (gate)
        {
            var said = lastLines.Where(static line => line.Length > 0).ToList();
            return said.Count == 0 ? "" : $" It said:\n  {string.Join("\n  ", said)}";
        }
    }
}

/// <summary>Something the demo can't go on without; the message is for whoever started it.</summary>
internal sealed class DemoException(string message) : Exception(message);
