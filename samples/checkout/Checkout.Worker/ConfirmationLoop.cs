// One confirmation per order: a mail to the customer, a note in the order.
using Checkout.Messaging;
using Checkout.Shared.Contracts;
using Checkout.Shared.Hosting;
using Checkout.Shared.Tracing;

namespace Checkout.Worker;

internal sealed class ConfirmationLoop(IMessageBroker broker, ServiceCaller caller) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await broker.ConsumeAsync<OrderPlaced>(MessageBrokers.ConfirmationsQueue, ConfirmAsync, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the service.
        }
    }

    private async Task ConfirmAsync(OrderPlaced order, CancellationToken cancellation)
    {
        await SendAsync(order, cancellation);
        await caller.PutAsync<OrderSaved>("orders", $"/orders/{order.OrderId}/confirmation", new { }, cancellation);
    }

    /// <summary>A mail server takes its time; this one is a stand-in that takes as much.</summary>
    private static Task<bool> SendAsync(OrderPlaced order, CancellationToken cancellation) => Spans.RunAsync("Send confirmation", async span =>
    {
        span?.SetTag("order.id", order.OrderId).SetTag("customer.id", order.CustomerId).SetTag("email.template", "order-confirmation");
        await Task.Delay(Random.Shared.Next(15, 60), cancellation);
        return true;
    });
}
