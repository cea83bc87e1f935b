// Who buys: as the auth service knows them, and as the other services are told.
namespace Checkout.Shared.Contracts;

/// <param name="Tier"><c>standard</c>, <c>silver</c> or <c>gold</c>.</param>
/// <param name="Region">Where the customer's bank is, e.g. <c>eu-west</c>.</param>
public sealed record Customer(string Id, string Name, string Tier, string Region);
