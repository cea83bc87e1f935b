// The payments service: charges a card, or says why it could not.
using System.Diagnostics;
using Checkout.Payments;
using Checkout.Shared.Contracts;
using Checkout.Shared.Hosting;

var builder = CheckoutHost.CreateBuilder("payments", args);
builder.Services.AddSingleton(services => new ScreeningRule(services.GetRequiredService<IConfiguration>()["release"]));
builder.Services.AddSingleton<CardCharger>();
var app = builder.BuildService();
app.MapPost("/charges", static async (ChargeRequest request, CardCharger charger, CancellationToken cancellation) =>
{
    Activity.Current?.SetTag("order.id", request.OrderId)
        .SetTag("order.total", Money.Units(request.AmountCents))
        .SetTag("customer.id", request.Customer.Id)
        .SetTag("customer.tier", request.Customer.Tier)
        .SetTag("customer.region", request.Customer.Region);
    try
    {
        return Results.Ok(await charger.ChargeAsync(request, cancellation));
    }
    catch (CardDeclinedException declined)
    {
        return Results.Json(new Refusal("card_declined", declined.Message), statusCode: StatusCodes.Status402PaymentRequired);
    }
});
await app.RunServiceAsync();
