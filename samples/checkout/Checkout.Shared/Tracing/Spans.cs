// Spans made by hand: started, given their status and exception, ended.
using System.Diagnostics;

namespace Checkout.Shared.Tracing;

/// <summary>The one source of the shop's own spans. A span is null when nobody listens or the trace is not sampled; everything here bears that.</summary>
public static class Spans
{
    public const string SourceName = "Checkout";

    public static ActivitySource Source { get; } = new(SourceName, "1.0.0");

    /// <summary>Runs a step as a span. An exception is recorded on it, sets its status, and goes on.</summary>
    public static async Task<T> RunAsync<T>(string name, Func<Activity?, Task<T>> step, ActivityKind kind = ActivityKind.Internal)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var span = Source.StartActivity(name, kind);
        try
        {
            return await step(span);
        }
        catch (Exception exception)
        {
            span.RecordFailure(exception);
            throw;
        }
    }

    /// <summary>An exception event with the stack trace, <c>error.type</c>, and status Error with the message.</summary>
    public static void RecordFailure(this Activity? span, Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        if (span is null) return;
        span.AddException(exception);
        span.SetTag("error.type", exception.GetType().FullName);
        span.SetStatus(ActivityStatusCode.Error, exception.Message);
    }

    /// <summary>Status Error for an expected refusal: there is no exception to show.</summary>
    public static void RecordRefusal(this Activity? span, string code, string message)
    {
        if (span is null) return;
        span.SetTag("error.type", code);
        span.SetStatus(ActivityStatusCode.Error, message);
    }
}
