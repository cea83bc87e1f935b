// "You may also like": written the way such code often is, for a trace to show what is wrong with it.
using System.Data.Common;
using Checkout.Database;
using Checkout.Shared.Contracts;

namespace Checkout.Cart;

/// <summary>Two mistakes on purpose: one query per product (N+1) that counts in a table without an index, and no thought for products that are gone.</summary>
internal sealed class Recommendations(DatabaseFile database)
{
    private static readonly Statement SelectSkus = new("SELECT", "recommendations", "SELECT sku FROM recommendations WHERE customer_id = $customer ORDER BY position");

    private static readonly Statement SelectProduct = new("SELECT", "products",
        "SELECT sku, name, description, art, price_cents, (SELECT count(*) FROM purchases WHERE purchases.sku = products.sku) FROM products WHERE sku = $sku");

    private readonly DatabaseSpans sql = new("cart");

    public async Task<IReadOnlyList<Product>> ForAsync(string customer, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var products = new List<Product>();
        foreach (var sku in await sql.QueryAsync(connection, SelectSkus, static row => row.GetString(0), cancellation, ("$customer", customer)))
        {
            products.AddRange(await sql.QueryAsync(connection, SelectProduct, ReadProduct, cancellation, ("$sku", sku)));
        }

        return products;
    }

    private static Product ReadProduct(DbDataReader row)
    {
        var sku = row.GetString(0);
        if (row.IsDBNull(4)) throw new InvalidOperationException($"Product {sku} has no price.");
        return new Product(sku, row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetInt32(5));
    }
}
