// Messages through RabbitMQ. The driver's own consumer spans begin new traces, so the context travels in a header and the spans are ours.
using System.Text;
using System.Text.Json;
using Checkout.Shared.Tracing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Checkout.Messaging;

/// <param name="address">An AMQP URL, e.g. <c>amqp://guest:guest@127.0.0.1:5672/</c>.</param>
internal sealed class RabbitBroker(Uri address) : IMessageBroker, IAsyncDisposable
{
    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly MessageSpans spans = new("rabbitmq");
    private readonly ConnectionFactory factory = new() { Uri = address };
    private readonly SemaphoreSlim gate = new(1, 1);
    private IConnection? connection;
    private IChannel? publisher;

    public async Task PublishAsync<T>(string queue, T message, CancellationToken cancellation) where T : class
    {
        var id = Guid.NewGuid().ToString("N");
        using var span = spans.StartPublish(queue, id);
        // One channel, one publisher at a time: channels are not for sharing.
        await gate.WaitAsync(cancellation);
        try
        {
            publisher ??= await OpenAsync(queue, cancellation);
            var headers = new Dictionary<string, object?>();
            if (span is not null) headers[TraceParent] = span.Id;
            if (span?.TraceStateString is { Length: > 0 } state) headers[TraceState] = state;
            var properties = new BasicProperties { MessageId = id, ContentType = "application/json", Persistent = true, Headers = headers };
            await publisher.BasicPublishAsync(exchange: "", queue, mandatory: true, properties, JsonSerializer.SerializeToUtf8Bytes(message, JsonSerializerOptions.Web), cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            span.RecordFailure(exception);
            throw;
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task ConsumeAsync<T>(string queue, Func<T, CancellationToken, Task> handle, CancellationToken cancellation) where T : class
    {
        await using var channel = await OpenPatientlyAsync(queue, cancellation);
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: 1, global: false, cancellation);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) => ProcessAsync(channel, queue, delivery, handle, cancellation);
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellation);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (publisher is not null) await publisher.DisposeAsync();
        if (connection is not null) await connection.DisposeAsync();
        gate.Dispose();
    }

    private async Task ProcessAsync<T>(IChannel channel, string queue, BasicDeliverEventArgs delivery, Func<T, CancellationToken, Task> handle, CancellationToken cancellation) where T : class
    {
        using var span = spans.StartProcess(queue, delivery.BasicProperties.MessageId ?? "", Header(delivery, TraceParent), Header(delivery, TraceState));
        try
        {
            // The body's memory is the driver's own and gone after the first await.
            var message = JsonSerializer.Deserialize<T>(delivery.Body.Span, JsonSerializerOptions.Web)!;
            await handle(message, cancellation);
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            span.RecordFailure(exception);
            await Task.Delay(PauseAfterFailure, cancellation);
            await channel.BasicNackAsync(delivery.DeliveryTag, multiple: false, requeue: true, cancellation);
        }
    }

    /// <summary>Text arrives as bytes.</summary>
    private static string? Header(BasicDeliverEventArgs delivery, string name) =>
        delivery.BasicProperties.Headers?.TryGetValue(name, out var value) == true && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;

    private async Task<IChannel> OpenPatientlyAsync(string queue, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await OpenAsync(queue, cancellation);
            }
            catch (BrokerUnreachableException)
            {
                await Task.Delay(PauseAfterFailure, cancellation);
            }
        }
    }

    /// <summary>A channel whose publishing returns when the broker has the message.</summary>
    private async Task<IChannel> OpenAsync(string queue, CancellationToken cancellation)
    {
        connection ??= await factory.CreateConnectionAsync(cancellation);
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellation);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellation);
        return channel;
    }
}
