// How many queries run at once: each may hold a whole trace in memory while it is written out.
using System.Globalization;
using Waymark.Server.Api.Native;

namespace Waymark.Server.Hosting;

/// <summary>
/// Lets <see cref="MaxRunning"/> requests to the APIs run, <see cref="MaxWaiting"/> more wait for their turn, and answers 503 with Retry-After to the rest. A trace of 200,000 spans takes
/// about 200 MB while it is being answered. Receivers, /ready and /health pass before this.
/// </summary>
internal sealed class QueryGate(RequestDelegate next) : IDisposable
{
    public const int MaxWaiting = 128;

    private const int RetryAfterSeconds = 1;

    public static readonly int MaxRunning = Math.Max(4, Environment.ProcessorCount * 2);

    private readonly SemaphoreSlim running = new(MaxRunning, MaxRunning);
    private int waiting;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!await EnterAsync(context.RequestAborted))
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
            await Problem.Busy($"{MaxRunning} queries are running and {MaxWaiting} are waiting; ask again in a moment.").WriteAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            running.Release();
        }
    }

    public void Dispose() => running.Dispose();

    private async ValueTask<bool> EnterAsync(CancellationToken aborted)
    {
        if (Interlocked.Increment(ref waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref waiting);
            return false;
        }

        try
        {
            await running.WaitAsync(aborted);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }
}
