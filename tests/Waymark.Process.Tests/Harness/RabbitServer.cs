// A RabbitMQ broker of this test's own, where rabbitmq-server is installed: its data in a temporary folder, its ports free ones.
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Waymark.Process.Tests.Harness;

internal sealed class RabbitServer : IAsyncDisposable
{
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder folder = new();
    private readonly int port = FreePort();
    private ChildProcess? child;

    public string Address => string.Create(CultureInfo.InvariantCulture, $"amqp://guest:guest@127.0.0.1:{port}/");

    public static async Task<RabbitServer> StartOrSkip()
    {
        if (!File.Exists(Program)) Assert.Skip($"rabbitmq-server is not installed ({Program} is missing)");
        var server = new RabbitServer();
        try
        {
            await server.Start();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (child is not null)
        {
            // A shell starts Erlang: both have to go.
            var below = DemoProcess.Descendants(child.Id);
            await child.DisposeAsync();
            foreach (var process in below.Where(DemoProcess.IsRunning))
            {
                using var running = System.Diagnostics.Process.GetProcessById(process.Id);
                running.Kill();
                await running.WaitForExitAsync();
            }
        }

        folder.Dispose();
    }

    private async Task Start()
    {
        var distribution = FreePort();
        var configuration = Path.Combine(folder.Path, "rabbitmq.conf");
        await File.WriteAllTextAsync(configuration, $"listeners.tcp.1 = 127.0.0.1:{port}\n");
        child = ChildProcess.Start(Program, [], folder.Path, new Dictionary<string, string>
        {
            ["HOME"] = folder.Path,
            ["RABBITMQ_BASE"] = folder.Path,
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder.Path, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder.Path, "log"),
            ["RABBITMQ_CONFIG_FILE"] = configuration,
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(folder.Path, "none"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder.Path, "plugins"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder.Path, "pid"),
            ["RABBITMQ_NODENAME"] = $"waymark{port}@localhost",
            ["RABBITMQ_DIST_PORT"] = distribution.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_PORT"] = FreePort().ToString(CultureInfo.InvariantCulture),
        });
        var limit = Task.Delay(StartLimit);
        while (!await Answers())
        {
            if (child.HasExited || limit.IsCompleted) throw new InvalidOperationException($"RabbitMQ did not start.\n{child.Output}\n{child.Errors}");
            await Task.Delay(200);
        }
    }

    private async Task<bool> Answers()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
