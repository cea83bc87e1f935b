// One charge: screening, then the provider's authorization.
using System.Diagnostics;
using Checkout.Shared.Contracts;
using Checkout.Shared.Hosting;
using Checkout.Shared.Tracing;

namespace Checkout.Payments;

internal sealed class CardCharger(ServiceCaller caller, ScreeningRule rule)
{
    /// <exception cref="CardDeclinedException">Recorded on the span, where a reader of the trace looks for the reason.</exception>
    public Task<Charge> ChargeAsync(ChargeRequest request, CancellationToken cancellation) => Spans.RunAsync("Authorize card", async span =>
    {
        span?.SetTag("payment.card", request.Card).SetTag("payment.currency", request.Currency);
        var authorization = await AuthorizeAsync(request, span, cancellation);
        return new Charge($"ch-{request.OrderId}", authorization.Code);
    });

    private async Task<Authorization> AuthorizeAsync(ChargeRequest request, Activity? span, CancellationToken cancellation)
    {
        var body = new AuthorizationRequest(request.Card, request.AmountCents, request.Currency, rule.For(request.Customer));
        var answer = await caller.PostAsync<Authorization>("card-provider", "/authorizations", body, cancellation);
        if (answer.Refusal is not { } refusal) return answer.Required();
        span?.SetTag("payment.decline_code", refusal.Code);
        throw new CardDeclinedException(refusal.Code, refusal.Message);
    }
}
