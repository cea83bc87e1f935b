// What is said to and by the cart service. Money is in cents, always.
namespace Checkout.Shared.Contracts;

public sealed record Product(string Sku, string Name, string Description, string Art, long PriceCents, int Stock);

public sealed record CartItem(string Sku, int Quantity);

public sealed record CartContents(IReadOnlyList<CartItem> Items);

public sealed record PricedLine(string Sku, string Name, int Quantity, long UnitPriceCents)
{
    public long TotalCents => UnitPriceCents * Quantity;
}

public sealed record PricedCart(IReadOnlyList<PricedLine> Lines, string Currency)
{
    public long TotalCents => Lines.Sum(static line => line.TotalCents);

    public int ItemsCount => Lines.Sum(static line => line.Quantity);
}
