// The provider said no: nothing is broken, and nobody gets paid.
namespace Checkout.Payments;

/// <param name="code">The provider's word for it, e.g. <c>insufficient_funds</c>.</param>
internal sealed class CardDeclinedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
