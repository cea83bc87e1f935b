// Messages through the shop's own queue process.
using System.Diagnostics;
using System.Text.Json;
using Checkout.Shared.Hosting;
using Checkout.Shared.Tracing;
using OpenTelemetry;

namespace Checkout.Messaging;

internal sealed class HttpBroker(ServiceCaller caller) : IMessageBroker
{
    private const string Service = "queue";
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly MessageSpans spans = new("checkout-queue");

    public async Task PublishAsync<T>(string queue, T message, CancellationToken cancellation) where T : class
    {
        var id = Guid.NewGuid().ToString("N");
        using var span = spans.StartPublish(queue, id);
        try
        {
            var sent = new QueueMessage(id, span?.Id, span?.TraceStateString, JsonSerializer.Serialize(message, JsonSerializerOptions.Web));
            await caller.PostAsync<QueueMessage>(Service, $"/queues/{queue}/messages", sent, cancellation);
        }
        catch (HttpRequestException exception)
        {
            span.RecordFailure(exception);
            throw;
        }
    }

    public async Task ConsumeAsync<T>(string queue, Func<T, CancellationToken, Task> handle, CancellationToken cancellation) where T : class
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                if (await ReceiveAsync(queue, cancellation) is { } message) await ProcessAsync(queue, message, handle, cancellation);
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                // The queue is not there, or the handler failed: the message's lease runs out and it comes again.
                await Task.Delay(PauseAfterFailure, cancellation);
            }
        }
    }

    /// <summary>Waits a few seconds at the queue; null when nothing came. Asking leaves no spans.</summary>
    private async Task<QueueMessage?> ReceiveAsync(string queue, CancellationToken cancellation)
    {
        Activity.Current = null;
        using (SuppressInstrumentationScope.Begin())
        {
            return (await caller.PostAsync<QueueMessage>(Service, $"/queues/{queue}/receive", new { }, cancellation)).Value;
        }
    }

    private async Task ProcessAsync<T>(string queue, QueueMessage message, Func<T, CancellationToken, Task> handle, CancellationToken cancellation) where T : class
    {
        using var span = spans.StartProcess(queue, message.Id, message.TraceParent, message.TraceState);
        try
        {
            await handle(JsonSerializer.Deserialize<T>(message.Body, JsonSerializerOptions.Web)!, cancellation);
            await caller.DeleteAsync<QueueMessage>(Service, $"/queues/{queue}/messages/{message.Id}", cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            span.RecordFailure(exception);
            throw;
        }
    }
}
