// The two spans of a message: one where it is published, one where it is processed, parent and child in one trace.
using System.Diagnostics;
using Checkout.Shared.Tracing;

namespace Checkout.Messaging;

/// <summary>After OpenTelemetry's conventions for messaging.</summary>
/// <param name="system">The value of <c>messaging.system</c>.</param>
internal sealed class MessageSpans(string system)
{
    public Activity? StartPublish(string queue, string messageId) => Describe(Spans.Source.StartActivity($"publish {queue}", ActivityKind.Producer), queue, messageId, "send", "publish");

    /// <summary>Without a valid <paramref name="traceParent"/> it begins a trace of its own.</summary>
    public Activity? StartProcess(string queue, string messageId, string? traceParent, string? traceState)
    {
        var parent = ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var parsed) ? parsed : default;
        // A receiving loop has no span, but its flow may have been started under one: that must not become the parent.
        Activity.Current = null;
        return Describe(Spans.Source.StartActivity($"process {queue}", ActivityKind.Consumer, parent), queue, messageId, "process", "process");
    }

    private Activity? Describe(Activity? span, string queue, string messageId, string operationType, string operationName) =>
        span?.SetTag("messaging.system", system)
            .SetTag("messaging.destination.name", queue)
            .SetTag("messaging.operation.type", operationType)
            .SetTag("messaging.operation.name", operationName)
            .SetTag("messaging.message.id", messageId);
}
