// The cart service: products, stock, carts, and recommendations.
using Checkout.Cart;
using Checkout.Shared.Contracts;
using Checkout.Shared.Hosting;

var builder = CheckoutHost.CreateBuilder("cart", args);
builder.Services.AddSingleton<Shelf>();
builder.Services.AddSingleton<Carts>();
builder.Services.AddSingleton<Recommendations>();
builder.Services.AddSingleton(static services => new Checkout.Database.DatabaseFile(services.GetRequiredService<IConfiguration>(), "cart"));
var app = builder.BuildService();
await Seed.RunAsync(app.Services.GetRequiredService<Checkout.Database.DatabaseFile>());

app.MapGet("/products", static async (Shelf shelf, CancellationToken cancellation) => await shelf.ListAsync(cancellation));
app.MapGet("/products/{sku}", static async (string sku, Shelf shelf, CancellationToken cancellation) =>
    await shelf.FindAsync(sku, cancellation) is { } product ? Results.Ok(product) : NotFound(sku));
app.MapPost("/validations", static async (CartContents cart, Shelf shelf, CancellationToken cancellation) =>
{
    var (priced, refusal) = await shelf.PriceAsync(cart, cancellation);
    return refusal is null ? Results.Ok(priced) : Results.Json(refusal, statusCode: StatusCodes.Status409Conflict);
});
app.MapGet("/carts/{customer}", static async (string customer, Carts carts, CancellationToken cancellation) => await carts.ReadAsync(customer, cancellation));
app.MapPost("/carts/{customer}/items", static async (string customer, CartItem item, Carts carts, CancellationToken cancellation) =>
    item.Quantity is > 0 and <= Shelf.MaxQuantity ? Results.Ok(await carts.AddAsync(customer, item, cancellation)) : Results.Json(Shelf.WrongQuantity(item), statusCode: StatusCodes.Status400BadRequest));
app.MapGet("/recommendations/{customer}", static async (string customer, Recommendations recommendations, CancellationToken cancellation) =>
    await recommendations.ForAsync(customer, cancellation));
await app.RunServiceAsync();

static IResult NotFound(string sku) => Results.Json(new Refusal("unknown_product", $"There is no product {sku}."), statusCode: StatusCodes.Status404NotFound);
