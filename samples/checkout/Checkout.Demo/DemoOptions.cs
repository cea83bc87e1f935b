// The demo's own options; whatever it does not know is for `waymark serve`.
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Checkout.Demo;

/// <param name="Waymark">The server's program.</param>
/// <param name="Rate">Requests a second that the load process sends; 0 for none.</param>
/// <param name="ReleaseAfter">When the slow release goes out, counted from when all is up; null for never.</param>
/// <param name="ShopPort">0 takes any free one.</param>
/// <param name="RabbitMq">An AMQP URL; null for the shop's own queue process.</param>
/// <param name="ForWaymark">Options passed on as they are.</param>
internal sealed record DemoOptions(string Waymark, double Rate, TimeSpan? ReleaseAfter, int ShopPort, Uri? RabbitMq, IReadOnlyList<string> ForWaymark, bool IsHelpWanted)
{
    public const string Help =
        """
        ./run --demo [options] [options of "waymark serve"]

        Starts Waymark and a shop of nine processes that sends traces to it. Ctrl-C ends everything.

          --demo-rate N             requests a second from simulated customers (default 3, 0 for none)
          --demo-release-after S    seconds until the release that makes gold-tier payments in eu-west slow (default 180; "never")
          --demo-shop PORT          the shop's port (default: any free one)
          --rabbitmq AMQP_URL       a RabbitMQ broker instead of the shop's own queue process

        Of Waymark's own options, the likely ones (./run --help lists all):
          --http, --otlp-http, --otlp-grpc HOST:PORT    defaults 7070, 4318 and 4317 on 127.0.0.1; port 0 takes any free one
          --data DIR                                    keeps the traces; without it they are gone at the end
        """;

    public static bool TryParse(IReadOnlyList<string> arguments, [NotNullWhen(true)] out DemoOptions? options, [NotNullWhen(false)] out string? complaint)
    {
        options = new DemoOptions(DefaultWaymark, Rate: 3, TimeSpan.FromMinutes(3), ShopPort: 0, RabbitMq: null, [], IsHelpWanted: false);
        complaint = null;
        var forWaymark = new List<string>();
        for (var i = 0; i < arguments.Count && complaint is null; i++)
        {
            var (name, value) = Split(arguments[i]);
            string Next() => value ?? (i + 1 < arguments.Count ? arguments[++i] : "");
            switch (name)
            {
                case "--demo":
                    break;
                case "--help" or "-h" or "-?":
                    options = options with { IsHelpWanted = true };
                    break;
                case "--demo-waymark":
                    options = options with { Waymark = Next() };
                    break;
                case "--demo-rate":
                    complaint = TryNumber(Next(), 0, 200, out var rate) ? null : "--demo-rate takes a number of requests a second, from 0 to 200.";
                    options = options with { Rate = rate };
                    break;
                case "--demo-release-after":
                    complaint = TryDelay(Next(), out var after) ? null : "--demo-release-after takes a number of seconds, or \"never\".";
                    options = options with { ReleaseAfter = after };
                    break;
                case "--demo-shop":
                    complaint = TryNumber(Next(), 0, 65535, out var port) ? null : "--demo-shop takes a port, from 0 to 65535.";
                    options = options with { ShopPort = (int)port };
                    break;
                case "--rabbitmq":
                    complaint = Uri.TryCreate(Next(), UriKind.Absolute, out var broker) && broker.Scheme is "amqp" or "amqps" ? null : "--rabbitmq takes an address like amqp://guest:guest@127.0.0.1:5672/.";
                    options = options with { RabbitMq = broker };
                    break;
                default:
                    forWaymark.Add(arguments[i]);
                    break;
            }
        }

        options = options with { ForWaymark = forWaymark };
        return complaint is null;
    }

    /// <summary>Where ./build leaves it, seen from where ./run leaves this program.</summary>
    private static string DefaultWaymark => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "waymark", "waymark"));

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private static bool TryNumber(string text, double min, double max, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && number >= min && number <= max;

    private static bool TryDelay(string text, out TimeSpan? delay)
    {
        delay = null;
        if (text == "never") return true;
        if (!TryNumber(text, 0, 86_400, out var seconds)) return false;
        delay = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
