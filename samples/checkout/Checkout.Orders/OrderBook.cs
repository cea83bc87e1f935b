// Orders in SQLite: one row per order and one per line, saved together or not at all.
using System.Diagnostics;
using Checkout.Database;
using Checkout.Shared.Contracts;

namespace Checkout.Orders;

internal sealed class OrderBook(DatabaseFile database, TimeProvider time)
{
    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, charge_id TEXT NOT NULL, total_cents INTEGER NOT NULL, currency TEXT NOT NULL, placed_at TEXT NOT NULL, confirmed_at TEXT);
        CREATE TABLE IF NOT EXISTS order_lines (order_id TEXT NOT NULL, line INTEGER NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL, unit_price_cents INTEGER NOT NULL, PRIMARY KEY (order_id, line));
        """;

    private static readonly Statement InsertOrder = new("INSERT", "orders",
        "INSERT INTO orders (id, customer_id, charge_id, total_cents, currency, placed_at) VALUES ($id, $customer, $charge, $total, $currency, $placed)");

    private static readonly Statement InsertLine = new("INSERT", "order_lines",
        "INSERT INTO order_lines (order_id, line, sku, quantity, unit_price_cents) VALUES ($order, $line, $sku, $quantity, $price)");

    private static readonly Statement UpdateConfirmed = new("UPDATE", "orders", "UPDATE orders SET confirmed_at = $now WHERE id = $id");

    private readonly DatabaseSpans sql = new("orders");

    public Task PrepareAsync() => database.PrepareAsync(Tables, static _ => { });

    public async Task SaveAsync(NewOrder order, CancellationToken cancellation)
    {
        Activity.Current?.SetTag("order.id", order.Id).SetTag("order.items_count", order.Cart.ItemsCount);
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await sql.ExecuteAsync(connection, InsertOrder, cancellation, ("$id", order.Id), ("$customer", order.Customer.Id), ("$charge", order.ChargeId),
            ("$total", order.Cart.TotalCents), ("$currency", order.Cart.Currency), ("$placed", Now()));
        foreach (var (number, line) in order.Cart.Lines.Index())
        {
            await sql.ExecuteAsync(connection, InsertLine, cancellation, ("$order", order.Id), ("$line", number), ("$sku", line.Sku),
                ("$quantity", line.Quantity), ("$price", line.UnitPriceCents));
        }

        await sql.CommitAsync(transaction, cancellation);
    }

    /// <summary>False when there is no such order.</summary>
    public async Task<bool> ConfirmAsync(string id, CancellationToken cancellation)
    {
        Activity.Current?.SetTag("order.id", id);
        await using var connection = await database.OpenAsync(cancellation);
        return await sql.ExecuteAsync(connection, UpdateConfirmed, cancellation, ("$id", id), ("$now", Now())) > 0;
    }

    private string Now() => time.GetUtcNow().ToString("O", System.Globalization.CultureInfo.InvariantCulture);
}
