// Products and stock: what there is, what it costs, and whether a cart can be had.
using System.Data.Common;
using System.Diagnostics;
using Checkout.Database;
using Checkout.Shared.Contracts;
using Checkout.Shared.Tracing;

namespace Checkout.Cart;

internal sealed class Shelf(DatabaseFile database)
{
    /// <summary>Of one product in one cart.</summary>
    public const int MaxQuantity = 99;

    private const string Columns = "SELECT p.sku, p.name, p.description, p.art, p.price_cents, i.stock FROM products p JOIN inventory i ON i.sku = p.sku";

    private static readonly Statement SelectAll = new("SELECT", "products", Columns + " WHERE p.price_cents IS NOT NULL ORDER BY p.position");
    private static readonly Statement SelectOne = new("SELECT", "products", Columns + " WHERE p.price_cents IS NOT NULL AND p.sku = $sku");
    private static readonly Statement SelectStock = new("SELECT", "inventory", "SELECT stock FROM inventory WHERE sku = $sku");

    private readonly DatabaseSpans sql = new("cart");

    public static Refusal WrongQuantity(CartItem item) => new("wrong_quantity", $"{item.Quantity} of {item.Sku}: from 1 to {MaxQuantity} can be ordered.");

    public async Task<IReadOnlyList<Product>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await sql.QueryAsync(connection, SelectAll, ReadProduct, cancellation);
    }

    public async Task<Product?> FindAsync(string sku, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await sql.QueryAsync(connection, SelectOne, ReadProduct, cancellation, ("$sku", sku))).SingleOrDefault();
    }

    /// <summary>Prices every line, or says which one can't be had.</summary>
    public async Task<(PricedCart? Cart, Refusal? Refusal)> PriceAsync(CartContents cart, CancellationToken cancellation)
    {
        if (cart.Items is not { Count: > 0 and <= MaxQuantity }) return (null, new Refusal("empty_cart", "There is nothing in the cart."));
        var lines = new List<PricedLine>();
        foreach (var item in cart.Items)
        {
            if (item.Quantity is < 1 or > MaxQuantity) return (null, WrongQuantity(item));
            var product = await FindAsync(item.Sku, cancellation);
            if (product is null) return (null, new Refusal("unknown_product", $"There is no product {item.Sku}."));
            if (await StockAsync(item, cancellation) < item.Quantity) return (null, new Refusal("out_of_stock", $"{product.Name} is sold out."));
            lines.Add(new PricedLine(product.Sku, product.Name, item.Quantity, product.PriceCents));
        }

        return (new PricedCart(lines, Money.Currency), null);
    }

    private Task<int> StockAsync(CartItem item, CancellationToken cancellation) => Spans.RunAsync("Inventory lookup", async (Activity? span) =>
    {
        await using var connection = await database.OpenAsync(cancellation);
        var stock = (await sql.QueryAsync(connection, SelectStock, static row => row.GetInt32(0), cancellation, ("$sku", item.Sku))).Single();
        span?.SetTag("product.sku", item.Sku).SetTag("product.stock", stock).SetTag("product.quantity", item.Quantity);
        return stock;
    });

    private static Product ReadProduct(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetInt32(5));
}
