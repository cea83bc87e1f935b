// The shop's API.
using System.Diagnostics;
using Checkout.Shared.Contracts;
using Checkout.Shared.Hosting;

namespace Checkout.Shop;

internal static class ShopApi
{
    public static void MapShopApi(this WebApplication app)
    {
        app.MapGet("/customers", static async (ServiceCaller caller, CancellationToken cancellation) =>
            (await caller.GetAsync<IReadOnlyList<Customer>>("auth", "/customers", cancellation)).Required());
        app.MapGet("/products", static async (ServiceCaller caller, CancellationToken cancellation) =>
            (await caller.GetAsync<IReadOnlyList<Product>>("cart", "/products", cancellation)).Required());
        app.MapGet("/products/{sku}", static async (string sku, ServiceCaller caller, CancellationToken cancellation) =>
            Answer(await caller.GetAsync<Product>("cart", $"/products/{Uri.EscapeDataString(sku)}", cancellation)));
        app.MapGet("/cart", static async (HttpContext context, ServiceCaller caller, CancellationToken cancellation) =>
            Answer(await caller.GetAsync<CartContents>("cart", $"/carts/{context.Customer().Id}", cancellation))).WithMetadata(new CustomersOnly());
        app.MapPost("/cart/items", static async (CartItem item, HttpContext context, ServiceCaller caller, CancellationToken cancellation) =>
            Answer(await caller.PostAsync<CartContents>("cart", $"/carts/{context.Customer().Id}/items", item, cancellation))).WithMetadata(new CustomersOnly());
        app.MapGet("/recommendations", static async (HttpContext context, ServiceCaller caller, CancellationToken cancellation) =>
            (await caller.GetAsync<IReadOnlyList<Product>>("cart", $"/recommendations/{context.Customer().Id}", cancellation)).Required()).WithMetadata(new CustomersOnly());
        app.MapPost("/checkout", static async (CheckoutRequest request, HttpContext context, CheckoutFlow flow, CancellationToken cancellation) =>
        {
            var outcome = await flow.RunAsync(context.Customer(), request, cancellation);
            return Results.Json(new CheckoutAnswer(outcome.Order, outcome.Refusal, Activity.Current?.TraceId.ToHexString()), statusCode: outcome.Status);
        }).WithMetadata(new CustomersOnly());
    }

    private static IResult Answer<T>(CallResult<T> result) where T : class =>
        result.Refusal is { } refusal ? Results.Json(refusal, statusCode: result.Status) : Results.Ok(result.Required());
}

internal sealed record CheckoutRequest(IReadOnlyList<CartItem> Items, string Card);

internal sealed record CheckoutAnswer(PlacedOrder? Order, Refusal? Refusal, string? TraceId);
