// A program under test: its output line by line, its end by signal, and never left running.
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Waymark.Process.Tests.Harness;

/// <summary>One started process. Disposing kills it if it still runs.</summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int Sigterm = 15;

    private readonly System.Diagnostics.Process process;
    private readonly Lock gate = new();
    private readonly List<string> output = [];
    private readonly StringBuilder errors = new();
    private TaskCompletionSource changed = NewSignal();

    private ChildProcess(System.Diagnostics.Process process) => this.process = process;

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>Everything written to standard error so far.</summary>
    public string Errors
    {
        get { lock (gate) return errors.ToString(); }
    }

    /// <summary>Everything written to standard output so far.</summary>
    public string Output
    {
        get { lock (gate) return string.Join('\n', output); }
    }

    /// <param name="environment">Added to this process's own variables, of which those named WAYMARK_* are left out: they would configure the server.</param>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("WAYMARK_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;

        var child = new ChildProcess(new System.Diagnostics.Process { StartInfo = start, EnableRaisingEvents = true });
        child.process.OutputDataReceived += (_, line) => child.Record(line.Data, isError: false);
        child.process.ErrorDataReceived += (_, line) => child.Record(line.Data, isError: true);
        child.process.Exited += (_, _) => child.Wake();
        child.process.Start();
        child.process.StandardInput.Close();
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> Run(string program, IEnumerable<string> arguments, string folder, TimeSpan limit)
    {
        await using var child = Start(program, arguments, folder);
        var code = await child.WaitForExit(limit);
        return (code, child.Output, child.Errors);
    }

    /// <summary>The first line of standard output that starts with <paramref name="prefix"/>, without it. Throws when the process ends or the time is up first.</summary>
    public async Task<string> WaitForLine(string prefix, TimeSpan limit)
    {
        using var clock = new CancellationTokenSource(limit);
        while (true)
        {
            Task change;
            lock (gate)
            {
                var line = output.Find(line => line.StartsWith(prefix, StringComparison.Ordinal));
                if (line is not null) return line[prefix.Length..];
                change = changed.Task;
            }

            if (process.HasExited)
            {
                await process.WaitForExitAsync();
                lock (gate)
                {
                    var line = output.Find(line => line.StartsWith(prefix, StringComparison.Ordinal));
                    if (line is not null) return line[prefix.Length..];
                }

                throw new InvalidOperationException($"The process ended with code {process.ExitCode} before it printed \"{prefix}\".\n{Output}\n{Errors}");
            }

            try
            {
                await change.WaitAsync(clock.Token);
            }
            catch (OperationCanceledException timeUp)
            {
                throw new TimeoutException($"No line \"{prefix}\" within {limit.TotalSeconds} s.\n{Output}\n{Errors}", timeUp);
            }
        }
    }

    /// <summary>SIGKILL: no chance to flush anything.</summary>
    public async Task Kill()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM: the orderly end.</summary>
    public void Terminate()
    {
        if (SendSignal(process.Id, Sigterm) != 0) throw new InvalidOperationException($"Process {process.Id} could not be signalled: error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>The exit code. Throws when the time is up first.</summary>
    public async Task<int> WaitForExit(TimeSpan limit)
    {
        using var clock = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(clock.Token);
        }
        catch (OperationCanceledException timeUp)
        {
            throw new TimeoutException($"Still running after {limit.TotalSeconds} s.\n{Output}\n{Errors}", timeUp);
        }

        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        process.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Record(string? line, bool isError)
    {
        if (line is not null)
        {
            lock (gate)
            {
                if (isError) errors.AppendLine(line);
                else output.Add(line);
            }
        }

        Wake();
    }

    private void Wake()
    {
        TaskCompletionSource previous;
        lock (gate)
        {
            previous = changed;
            changed = NewSignal();
        }

        previous.TrySetResult();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int processId, int signal);
}
