// What customers have put in their carts.
using Checkout.Database;
using Checkout.Shared.Contracts;

namespace Checkout.Cart;

internal sealed class Carts(DatabaseFile database)
{
    private static readonly Statement Select = new("SELECT", "cart_items", "SELECT sku, quantity FROM cart_items WHERE customer_id = $customer ORDER BY sku");

    private static readonly Statement Upsert = new("INSERT", "cart_items",
        "INSERT INTO cart_items (customer_id, sku, quantity) VALUES ($customer, $sku, $quantity) ON CONFLICT (customer_id, sku) DO UPDATE SET quantity = $quantity");

    private readonly DatabaseSpans sql = new("cart");

    public async Task<CartContents> ReadAsync(string customer, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return new CartContents(await sql.QueryAsync(connection, Select, static row => new CartItem(row.GetString(0), row.GetInt32(1)), cancellation, ("$customer", customer)));
    }

    /// <summary>Sets how many of one product are in the cart.</summary>
    public async Task<CartContents> AddAsync(string customer, CartItem item, CancellationToken cancellation)
    {
        await using (var connection = await database.OpenAsync(cancellation))
        {
            await sql.ExecuteAsync(connection, Upsert, cancellation, ("$customer", customer), ("$sku", item.Sku), ("$quantity", item.Quantity));
        }

        return await ReadAsync(customer, cancellation);
    }
}
