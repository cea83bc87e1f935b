// The orders service: keeps orders, and remembers which have been confirmed.
using Checkout.Database;
using Checkout.Orders;
using Checkout.Shared.Contracts;
using Checkout.Shared.Hosting;

var builder = CheckoutHost.CreateBuilder("orders", args);
builder.Services.AddSingleton(static services => new DatabaseFile(services.GetRequiredService<IConfiguration>(), "orders"));
builder.Services.AddSingleton<OrderBook>();
var app = builder.BuildService();
await app.Services.GetRequiredService<OrderBook>().PrepareAsync();

app.MapPost("/orders", static async (NewOrder order, OrderBook book, CancellationToken cancellation) =>
{
    await book.SaveAsync(order, cancellation);
    return Results.Json(new OrderSaved(order.Id), statusCode: StatusCodes.Status201Created);
});
app.MapPut("/orders/{id}/confirmation", static async (string id, OrderBook book, CancellationToken cancellation) =>
    await book.ConfirmAsync(id, cancellation)
        ? Results.Ok(new OrderSaved(id))
        : Results.Json(new Refusal("unknown_order", $"There is no order {id}."), statusCode: StatusCodes.Status404NotFound));
await app.RunServiceAsync();
