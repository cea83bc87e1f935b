// Who is asking? Answered by the auth service, before anything else is done for them.
using System.Diagnostics;
using Checkout.Shared.Contracts;
using Checkout.Shared.Hosting;
using Checkout.Shared.Tracing;
using Microsoft.AspNetCore.Http.Features;

namespace Checkout.Shop;

/// <summary>Marks an endpoint as for customers only.</summary>
internal sealed class CustomersOnly;

internal static class AuthMiddleware
{
    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CustomersOnly>() is not null)
        {
            // The span covers the answering of the question, not what follows.
            var session = await IdentifyAsync(context);
            if (session.Refusal is { } refusal)
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                await context.Response.WriteAsJsonAsync(refusal);
                return;
            }

            var customer = session.Required();
            context.Features.Set(customer);
            Activity.Current?.SetTag("customer.id", customer.Id).SetTag("customer.tier", customer.Tier).SetTag("customer.region", customer.Region);
        }

        await next(context);
    }

    /// <summary>Only for endpoints that are <see cref="CustomersOnly"/>.</summary>
    public static Customer Customer(this HttpContext context) => context.Features.GetRequiredFeature<Customer>();

    private static Task<CallResult<Customer>> IdentifyAsync(HttpContext context) => Spans.RunAsync("Auth middleware", async span =>
    {
        var caller = context.RequestServices.GetRequiredService<ServiceCaller>();
        var session = await caller.GetAsync<Customer>("auth", "/session", context.RequestAborted, context.Request.Headers.Authorization.ToString());
        if (session.Refusal is { } refusal) span.RecordRefusal(refusal.Code, refusal.Message);
        return session;
    });
}
