// The queue process: takes messages, lends them out, forgets them when they are done with.
using Checkout.Messaging;
using Checkout.Queue;
using Checkout.Shared.Contracts;
using Checkout.Shared.Hosting;

var builder = CheckoutHost.CreateBuilder("queue", args);
builder.Services.AddSingleton<Queues>();
var app = builder.BuildService();

app.MapPost("/queues/{queue}/messages", static (string queue, QueueMessage message, Queues queues) =>
    queues.Named(queue).TryAdd(message) ? Results.Accepted(uri: null, message) : Results.Json(new Refusal("queue_full", $"{queue} is full."), statusCode: StatusCodes.Status503ServiceUnavailable));
app.MapPost("/queues/{queue}/receive", static async (string queue, Queues queues, IHostApplicationLifetime lifetime, CancellationToken cancellation) =>
{
    using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
    return await queues.Named(queue).ReceiveAsync(stop.Token) is { } message ? Results.Ok(message) : Results.NoContent();
});
app.MapDelete("/queues/{queue}/messages/{id}", static (string queue, string id, Queues queues) =>
{
    queues.Named(queue).Forget(id);
    return Results.NoContent();
});
await app.RunServiceAsync();
