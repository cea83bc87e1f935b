// The change of release 1.5.0: well meant, tested on one customer, and ten times slower for some of the best ones.
using Checkout.Shared.Contracts;

namespace Checkout.Payments;

/// <param name="release">The version of this service; null is the first.</param>
internal sealed class ScreeningRule(string? release)
{
    private static readonly Version Since = new(1, 5, 0);

    private readonly bool isNew = release is not null && Version.Parse(release) >= Since;

    /// <summary>How thoroughly the provider is asked to look at this customer's payment.</summary>
    public string For(Customer customer) => isNew && customer is { Tier: "gold", Region: "eu-west" } ? "enhanced" : "standard";
}
