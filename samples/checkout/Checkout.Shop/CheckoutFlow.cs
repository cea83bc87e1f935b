// A checkout, step by step: price the cart, charge the card, save the order, tell the worker.
using System.Diagnostics;
using System.Security.Cryptography;
using Checkout.Messaging;
using Checkout.Shared.Contracts;
using Checkout.Shared.Hosting;
using Checkout.Shared.Tracing;

namespace Checkout.Shop;

internal sealed record PlacedOrder(string Id, int ItemsCount, long TotalCents, string Currency, IReadOnlyList<PricedLine> Lines);

/// <summary>Either an order or a refusal, and the HTTP status that says so.</summary>
internal sealed record CheckoutOutcome(PlacedOrder? Order, Refusal? Refusal, int Status);

internal sealed class CheckoutFlow(ServiceCaller caller, IMessageBroker broker)
{
    public async Task<CheckoutOutcome> RunAsync(Customer customer, CheckoutRequest request, CancellationToken cancellation)
    {
        var span = Activity.Current;
        var orderId = $"A-{Convert.ToHexString(RandomNumberGenerator.GetBytes(4))}";
        span?.SetTag("order.id", orderId);

        var validated = await ValidateAsync(request, cancellation);
        if (validated.Refusal is not null) return Refused(validated);
        var cart = validated.Required();
        span?.SetTag("order.items_count", cart.ItemsCount).SetTag("order.total", Money.Units(cart.TotalCents)).SetTag("order.currency", cart.Currency);

        var charged = await ChargeAsync(new ChargeRequest(orderId, cart.TotalCents, cart.Currency, request.Card, customer), cancellation);
        if (charged.Refusal is not null) return Refused(charged);

        await SaveAsync(new NewOrder(orderId, customer, charged.Required().Id, cart), cancellation);
        await broker.PublishAsync(MessageBrokers.ConfirmationsQueue, new OrderPlaced(orderId, customer.Id, customer.Name, cart.TotalCents, cart.Currency), cancellation);
        span?.AddEvent(new ActivityEvent("order placed", tags: new ActivityTagsCollection { ["order.id"] = orderId }));
        return new CheckoutOutcome(new PlacedOrder(orderId, cart.ItemsCount, cart.TotalCents, cart.Currency, cart.Lines), Refusal: null, StatusCodes.Status200OK);
    }

    private Task<CallResult<PricedCart>> ValidateAsync(CheckoutRequest request, CancellationToken cancellation) =>
        StepAsync("Validate cart", () => caller.PostAsync<PricedCart>("cart", "/validations", new CartContents(request.Items), cancellation));

    private Task<CallResult<Charge>> ChargeAsync(ChargeRequest request, CancellationToken cancellation) =>
        StepAsync("Charge payment", () => caller.PostAsync<Charge>("payments", "/charges", request, cancellation));

    private Task<CallResult<OrderSaved>> SaveAsync(NewOrder order, CancellationToken cancellation) =>
        StepAsync("Save order to DB", () => caller.PostAsync<OrderSaved>("orders", "/orders", order, cancellation));

    /// <summary>A refusal ends the checkout and marks the step that it came from; the server span's status stays unset, as for any answer below 500.</summary>
    private static Task<CallResult<T>> StepAsync<T>(string name, Func<Task<CallResult<T>>> call) where T : class => Spans.RunAsync(name, async span =>
    {
        var result = await call();
        if (result.Refusal is { } refusal) span.RecordRefusal(refusal.Code, refusal.Message);
        return result;
    });

    private static CheckoutOutcome Refused<T>(CallResult<T> result) where T : class
    {
        Activity.Current?.SetTag("checkout.refusal", result.Refusal!.Code);
        return new CheckoutOutcome(Order: null, result.Refusal, result.Status);
    }
}
