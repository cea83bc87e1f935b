// Cents inside, and only at the edges what people read and attributes hold.
using System.Globalization;

namespace Checkout.Shared.Contracts;

public static class Money
{
    public const string Currency = "EUR";

    /// <summary><c>12.50 EUR</c></summary>
    public static string Text(long cents, string currency = Currency) => string.Create(CultureInfo.InvariantCulture, $"{cents / 100m:F2} {currency}");

    /// <summary>The value of an attribute like <c>order.total</c>: whole units, so that <c>order.total &gt; 100</c> means what it says.</summary>
    public static double Units(long cents) => (double)(cents / 100m);
}
