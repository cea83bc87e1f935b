// A message on its way through the queue process.
namespace Checkout.Messaging;

/// <param name="TraceParent">W3C Trace Context's header of that name: whose doing the message is.</param>
/// <param name="Body">JSON.</param>
public sealed record QueueMessage(string Id, string? TraceParent, string? TraceState, string Body);
