// Stands between the demo and a program that knows nothing of it: keeps the terminal's Ctrl-C away, and ends the program when the demo is gone.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Checkout.Shared.Hosting;

namespace Checkout.Demo;

/// <summary>This program, started again as <c>Checkout.Demo guard PROGRAM ARGUMENTS</c>. The services of the shop need none: they watch for themselves.</summary>
internal static partial class Guard
{
    public const string Command = "guard";

    private const int Sigterm = 15;

    /// <summary>For a server that has much to put on disk.</summary>
    private static readonly TimeSpan PatienceAfterAsking = TimeSpan.FromSeconds(20);

    /// <summary>The guarded program's exit code. Its output is this process's output.</summary>
    public static async Task<int> RunAsync(string program, IReadOnlyList<string> arguments)
    {
        // A session of its own: what a terminal sends to its foreground processes no longer comes here.
        _ = StartSession();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, static signal => signal.Cancel = true);
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardInput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var guarded = Process.Start(start)!;
        guarded.StandardInput.Close();

        var parentGone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            Lifeline.WaitForEnd();
            parentGone.SetResult();
        })
        {
            IsBackground = true,
            Name = "lifeline",
        }.Start();
        var exited = guarded.WaitForExitAsync();
        if (await Task.WhenAny(exited, parentGone.Task) != exited) await EndAsync(guarded, exited);
        return guarded.ExitCode;
    }

    private static async Task EndAsync(Process guarded, Task exited)
    {
        _ = SendSignal(guarded.Id, Sigterm);
        if (await Task.WhenAny(exited, Task.Delay(PatienceAfterAsking)) == exited) return;
        guarded.Kill(entireProcessTree: true);
        await exited;
    }

    [LibraryImport("libc", EntryPoint = "setsid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StartSession();

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int processId, int signal);
}
