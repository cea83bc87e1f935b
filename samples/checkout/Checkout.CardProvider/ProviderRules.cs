// When the provider says no.
using Checkout.Shared.Contracts;

namespace Checkout.CardProvider;

internal static class ProviderRules
{
    /// <summary>1,500.00: more than this on one card needs a telephone call.</summary>
    private const long LimitCents = 150_000;

    public static Refusal? Refuse(AuthorizationRequest request) => request switch
    {
        { Card: "tok_declined" } => new Refusal("insufficient_funds", "The card has insufficient funds."),
        { Card: "tok_expired" } => new Refusal("expired_card", "The card has expired."),
        { AmountCents: > LimitCents } => new Refusal("limit_exceeded", $"{Money.Text(request.AmountCents, request.Currency)} is above the card's limit of {Money.Text(LimitCents, request.Currency)}."),
        _ => null,
    };
}
