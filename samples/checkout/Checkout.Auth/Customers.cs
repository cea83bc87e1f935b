// The customers of the shop. A real one would have a database and passwords; nobody learns more about tracing from that.
using Checkout.Shared.Contracts;

namespace Checkout.Auth;

internal static class Customers
{
    private const string Scheme = "Bearer ";

    public static IReadOnlyList<Customer> All { get; } =
    [
        new("c-101", "Ada Byron", "gold", "eu-west"),
        new("c-102", "Grace Hopper", "gold", "us-east"),
        new("c-103", "Alan Turing", "silver", "eu-west"),
        new("c-104", "Hedy Lamarr", "standard", "eu-central"),
        new("c-105", "Claude Shannon", "standard", "us-east"),
        new("c-106", "Radia Perlman", "silver", "us-east"),
        new("c-107", "Edsger Dijkstra", "standard", "eu-west"),
        new("c-108", "Barbara Liskov", "gold", "eu-central"),
        new("c-109", "Kumar Rao", "standard", "ap-south"),
        new("c-110", "Mary Jackson", "silver", "ap-south"),
        new("c-111", "Niklaus Wirth", "standard", "eu-west"),
        new("c-112", "Sophie Wilson", "gold", "eu-west"),
    ];

    private static readonly Dictionary<string, Customer> ById = All.ToDictionary(static customer => customer.Id, StringComparer.Ordinal);

    /// <summary>The token is the customer's number: <c>Bearer c-101</c>.</summary>
    public static Customer? ByToken(string header) =>
        header.StartsWith(Scheme, StringComparison.Ordinal) ? ById.GetValueOrDefault(header[Scheme.Length..]) : null;
}
