// Which broker: RabbitMQ when an address is configured, else the shop's own queue process.
using Checkout.Shared.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Checkout.Messaging;

public static class MessageBrokers
{
    /// <summary>Where orders wait to be confirmed.</summary>
    public const string ConfirmationsQueue = "order-confirmations";

    /// <summary><c>rabbitmq</c> in the configuration is an AMQP URL.</summary>
    public static IServiceCollection AddMessageBroker(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration["rabbitmq"] is { Length: > 0 } address
            ? services.AddSingleton<IMessageBroker>(_ => new RabbitBroker(new Uri(address)))
            : services.AddSingleton<IMessageBroker>(static services => new HttpBroker(services.GetRequiredService<ServiceCaller>()));
    }
}
