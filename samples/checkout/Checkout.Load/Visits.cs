// What a visitor does: drawn at random, with the weights of an ordinary day.
namespace Checkout.Load;

/// <param name="Customer">Whose token goes along; null for visitors who only look.</param>
internal sealed record Visit(HttpMethod Method, string Path, string? Customer, object? Body);

internal static class Visits
{
    /// <summary>The sold-out clock among them, seldom.</summary>
    private static readonly string[] Skus =
        ["mug-slate", "tea-sencha", "notebook-a5", "pen-brass", "bag-canvas", "mug-sand", "tea-assam", "notebook-a6", "bag-tote", "pen-ink", "lamp-desk", "lamp-arc", "stool-ash", "chair-ash"];

    public static Visit Next(Random random) => random.NextDouble() switch
    {
        < 0.45 => Checkout(random),
        < 0.65 => new Visit(HttpMethod.Get, "/products", Customer: null, Body: null),
        < 0.77 => new Visit(HttpMethod.Get, $"/products/{(random.NextDouble() < 0.03 ? "mug-2019" : Sku(random))}", Customer: null, Body: null),
        < 0.86 => new Visit(HttpMethod.Post, "/cart/items", Customer(random), new { sku = Sku(random), quantity = random.Next(1, 4) }),
        < 0.94 => new Visit(HttpMethod.Get, "/cart", Customer(random), Body: null),
        _ => new Visit(HttpMethod.Get, "/recommendations", Customer(random), Body: null),
    };

    private static Visit Checkout(Random random)
    {
        // One to four lines; small things oftener than furniture, which is at the end of the list.
        var items = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Sku(random)).Distinct(StringComparer.Ordinal).Select(sku => new { sku, quantity = random.Next(1, 3) }).ToList();
        if (random.NextDouble() < 0.02) items.Add(new { sku = "clock-wall", quantity = 1 });
        var card = random.NextDouble() switch
        {
            < 0.05 => "tok_declined",
            < 0.06 => "tok_expired",
            < 0.55 => "tok_visa",
            _ => "tok_mastercard",
        };
        return new Visit(HttpMethod.Post, "/checkout", Customer(random), new { items, card });
    }

    private static string Customer(Random random) => $"c-{random.Next(101, 113)}";

    private static string Sku(Random random) => Skus[(int)(Skus.Length * Math.Pow(random.NextDouble(), 1.6))];
}
