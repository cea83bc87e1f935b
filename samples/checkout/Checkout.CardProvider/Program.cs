// The card provider: answers when it pleases, and what it pleases.
using Checkout.CardProvider;
using Checkout.Shared.Contracts;
using Checkout.Shared.Hosting;

var app = CheckoutHost.CreateBuilder("card-provider", args).BuildService();
app.MapPost("/authorizations", static async (AuthorizationRequest request, CancellationToken cancellation) =>
{
    await Task.Delay(ProviderTime.For(request.Screening, Random.Shared.NextDouble()), cancellation);
    return ProviderRules.Refuse(request) is { } refusal
        ? Results.Json(refusal, statusCode: StatusCodes.Status402PaymentRequired)
        : Results.Ok(new Authorization($"{Random.Shared.Next(100_000, 1_000_000)}"));
});
await app.RunServiceAsync();
