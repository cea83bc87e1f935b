// Why a service said no, in a form a program and a person can read.
namespace Checkout.Shared.Contracts;

/// <param name="Code">One of a few words, e.g. <c>card_declined</c>.</param>
/// <param name="Message">A sentence for whoever asked.</param>
public sealed record Refusal(string Code, string Message);
