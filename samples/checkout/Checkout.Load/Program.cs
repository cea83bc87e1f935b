// The load process: --services:shop URL says where the shop is, --rate N how many requests a second it gets.
using System.Globalization;
using Checkout.Load;
using Checkout.Shared.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
if (Lifeline.IsWanted) builder.Services.AddSingleton<IHostLifetime, Lifeline>();
var shop = new Uri(builder.Configuration["services:shop"] ?? throw new InvalidOperationException("services:shop is not configured: where does the shop listen?"));
var rate = double.Parse(builder.Configuration["rate"] ?? "3", CultureInfo.InvariantCulture);
builder.Services.AddHostedService(_ => new Crowd(shop, rate));
await builder.Build().RunAsync();
