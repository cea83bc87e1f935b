// The auth service: says which customer a token belongs to.
using Checkout.Auth;
using Checkout.Shared.Contracts;
using Checkout.Shared.Hosting;

var app = CheckoutHost.CreateBuilder("auth", args).BuildService();
app.MapGet("/customers", static () => Customers.All);
app.MapGet("/session", static async (HttpRequest request, CancellationToken cancellation) =>
{
    // A session store answers in a few milliseconds.
    await Task.Delay(Random.Shared.Next(2, 9), cancellation);
    return Customers.ByToken(request.Headers.Authorization.ToString()) is { } customer
        ? Results.Ok(customer)
        : Results.Json(new Refusal("not_signed_in", "Sign in first: the token is missing or unknown."), statusCode: StatusCodes.Status401Unauthorized);
});
await app.RunServiceAsync();
