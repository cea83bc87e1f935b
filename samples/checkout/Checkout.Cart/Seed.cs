// What the shop starts with.
using Checkout.Database;
using Microsoft.Data.Sqlite;

namespace Checkout.Cart;

internal static class Seed
{
    /// <summary>Enough for a count without an index to take a millisecond or two.</summary>
    private const int Purchases = 20_000;

    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS products (sku TEXT PRIMARY KEY, position INTEGER NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, art TEXT NOT NULL, price_cents INTEGER);
        CREATE TABLE IF NOT EXISTS inventory (sku TEXT PRIMARY KEY, stock INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS cart_items (customer_id TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY (customer_id, sku));
        CREATE TABLE IF NOT EXISTS recommendations (customer_id TEXT NOT NULL, position INTEGER NOT NULL, sku TEXT NOT NULL, PRIMARY KEY (customer_id, position));
        CREATE TABLE IF NOT EXISTS purchases (id INTEGER PRIMARY KEY, sku TEXT NOT NULL);
        """;

    /// <summary>The last one is no longer made: it has no price.</summary>
    private static readonly (string Sku, string Name, string Description, string Art, long? PriceCents, int Stock)[] Products =
    [
        ("mug-slate", "Slate mug", "Stoneware, 350 ml", "mug", 1450, 420),
        ("tea-sencha", "Sencha", "Green tea, 100 g", "tea", 1190, 800),
        ("notebook-a5", "Notebook A5", "Dotted, 192 pages", "notebook", 1725, 610),
        ("lamp-arc", "Arc lamp", "Brass, dimmable", "lamp", 18900, 35),
        ("bag-canvas", "Canvas bag", "Waxed cotton, 18 l", "bag", 8900, 90),
        ("pen-brass", "Brass pen", "Refillable", "pen", 3650, 240),
        ("chair-ash", "Ash chair", "Steam-bent, oiled", "chair", 34900, 18),
        ("clock-wall", "Wall clock", "Silent sweep", "clock", 7400, 0),
        ("mug-sand", "Sand mug", "Stoneware, 250 ml", "mug", 1290, 380),
        ("tea-assam", "Assam", "Black tea, 125 g", "tea", 990, 700),
        ("notebook-a6", "Notebook A6", "Plain, 128 pages", "notebook", 1175, 540),
        ("lamp-desk", "Desk lamp", "Steel, adjustable", "lamp", 12900, 60),
        ("bag-tote", "Tote", "Organic cotton", "bag", 2400, 300),
        ("pen-ink", "Fountain pen", "Medium nib", "pen", 4900, 160),
        ("stool-ash", "Ash stool", "Three legs", "chair", 15900, 40),
        ("mug-2019", "Anniversary mug", "No longer made", "mug", null, 0),
    ];

    public static Task RunAsync(DatabaseFile database) => database.PrepareAsync(Tables, static connection =>
    {
        InsertProducts(connection);
        InsertRecommendations(connection);
        InsertPurchases(connection);
    });

    private static void InsertProducts(SqliteConnection connection)
    {
        foreach (var (index, product) in Products.Index())
        {
            Insert(connection, "INSERT OR REPLACE INTO products VALUES ($a, $b, $c, $d, $e, $f)", product.Sku, index, product.Name, product.Description, product.Art, product.PriceCents);
            Insert(connection, "INSERT OR REPLACE INTO inventory VALUES ($a, $b)", product.Sku, product.Stock);
        }
    }

    /// <summary>Fifteen for each of twelve customers; the last customer's end with the product that is gone.</summary>
    private static void InsertRecommendations(SqliteConnection connection)
    {
        for (var customer = 101; customer <= 112; customer++)
        {
            for (var position = 0; position < 15; position++)
            {
                var product = customer == 112 && position == 14 ? Products[^1] : Products[(position + customer) % (Products.Length - 1)];
                Insert(connection, "INSERT OR REPLACE INTO recommendations VALUES ($a, $b, $c)", $"c-{customer}", position, product.Sku);
            }
        }
    }

    private static void InsertPurchases(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT OR REPLACE INTO purchases VALUES ($id, $sku)";
        var id = command.Parameters.Add("$id", SqliteType.Integer);
        var sku = command.Parameters.Add("$sku", SqliteType.Text);
        for (var number = 0; number < Purchases; number++)
        {
            id.Value = number;
            sku.Value = Products[number * 7 % Products.Length].Sku;
            command.ExecuteNonQuery();
        }
    }

    private static void Insert(SqliteConnection connection, string text, params object?[] values)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are the constants above.
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var (index, value) in values.Index()) command.Parameters.AddWithValue($"${(char)('a' + index)}", value ?? DBNull.Value);
        command.ExecuteNonQuery();
    }
}
