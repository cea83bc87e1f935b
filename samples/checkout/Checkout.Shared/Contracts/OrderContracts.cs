// What is said to and by orders, and the message that tells the worker.
namespace Checkout.Shared.Contracts;

public sealed record NewOrder(string Id, Customer Customer, string ChargeId, PricedCart Cart);

public sealed record OrderSaved(string Id);

public sealed record OrderPlaced(string OrderId, string CustomerId, string CustomerName, long TotalCents, string Currency);
