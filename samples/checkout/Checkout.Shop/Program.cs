// The shop: its page, and the API behind it. Everything it knows it asks of other services.
using Checkout.Messaging;
using Checkout.Shared.Hosting;
using Checkout.Shop;

var builder = CheckoutHost.CreateBuilder("shop", args);
builder.Services.AddMessageBroker(builder.Configuration);
builder.Services.AddSingleton<CheckoutFlow>();
builder.Services.AddSingleton<ShopPage>();
var app = builder.BuildService();
app.Use(AuthMiddleware.InvokeAsync);
app.MapPage();
app.MapShopApi();
await app.RunServiceAsync();
