// How long the provider takes: mostly around a sixth of a second, sometimes much longer.
namespace Checkout.CardProvider;

internal static class ProviderTime
{
    /// <summary>Enhanced screening asks the customer's bank as well, and waits for it.</summary>
    private const int EnhancedFactor = 10;

    /// <param name="draw">From 0 to below 1: where in the distribution this call falls.</param>
    public static TimeSpan For(string screening, double draw)
    {
        // Half of the calls take 110 to 170 ms; one in a hundred reaches 600 ms.
        var milliseconds = draw < 0.99 ? 110 + (120 * Math.Pow(draw, 1.5)) : 600;
        return TimeSpan.FromMilliseconds(screening == "enhanced" ? EnhancedFactor * milliseconds : milliseconds);
    }
}
