// No process outlives the one that started it: the pipe to its standard input closes with the parent, however that ends.
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Checkout.Shared.Hosting;

/// <summary>
/// Ends the host at the end of standard input, and on SIGTERM. Ctrl-C does nothing: a terminal sends it to all processes at once, and it is for the
/// parent to end its children in the right order. Used when <see cref="Variable"/> is set; a service started by hand lives as any other.
/// </summary>
public sealed class Lifeline(IHostApplicationLifetime application) : IHostLifetime, IDisposable
{
    public const string Variable = "CHECKOUT_LIFELINE";

    public const string Stdin = "stdin";

    private PosixSignalRegistration? interrupt;
    private PosixSignalRegistration? terminate;

    public static bool IsWanted => Environment.GetEnvironmentVariable(Variable) == Stdin;

    /// <summary>Blocks until standard input ends. Nothing is ever said on it.</summary>
    public static void WaitForEnd()
    {
        using var input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[64];
        int read;
        do read = input.Read(ignored);
        while (read > 0);
    }

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static signal => signal.Cancel = true);
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            application.StopApplication();
        });
        var thread = new Thread(() =>
        {
            WaitForEnd();
            application.StopApplication();
        })
        {
            IsBackground = true,
            Name = "lifeline",
        };
        thread.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        interrupt?.Dispose();
        terminate?.Dispose();
    }
}
