// The worker: hears of orders from the queue and sends confirmations.
using Checkout.Messaging;
using Checkout.Shared.Hosting;
using Checkout.Worker;

var builder = CheckoutHost.CreateBuilder("worker", args);
builder.Services.AddMessageBroker(builder.Configuration);
builder.Services.AddHostedService<ConfirmationLoop>();
await builder.BuildService().RunServiceAsync();
