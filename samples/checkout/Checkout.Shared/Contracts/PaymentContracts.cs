// What is said to and by payments and the card provider.
namespace Checkout.Shared.Contracts;

/// <param name="Card">A token, never a number: <c>tok_visa</c>, <c>tok_mastercard</c>, or <c>tok_declined</c>, which is always refused.</param>
public sealed record ChargeRequest(string OrderId, long AmountCents, string Currency, string Card, Customer Customer);

public sealed record Charge(string Id, string AuthorizationCode);

/// <param name="Screening"><c>standard</c>, or <c>enhanced</c> for the thorough and slow one.</param>
public sealed record AuthorizationRequest(string Card, long AmountCents, string Currency, string Screening);

public sealed record Authorization(string Code);
