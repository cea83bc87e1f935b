// One run of the demo, from the first process to the last.
namespace Checkout.Demo;

internal sealed class DemoRun(DemoOptions options)
{
    /// <summary>Long after any sensible start, and short enough that nobody thinks of leaving.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan WaymarkPatience = TimeSpan.FromSeconds(25);

    /// <summary>0 when stopped, 1 when something ended that should not have.</summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("waymark-demo-").FullName;
        Child? waymark = null;
        ShopProcesses? shop = null;
        try
        {
            await Console.Error.WriteLineAsync("Starting Waymark and the shop ...");
            waymark = StartWaymark(folder);
            var addresses = await ReadAddressesAsync(waymark, stop);
            shop = new ShopProcesses(options, folder, addresses);
            await shop.StartAsync(StartLimit, stop);
            await WarmUp.RunAsync(shop.Address, StartLimit, stop);
            shop.StartLoad();
            await Banner.WriteAsync(Console.Out, options, addresses, shop.Address, KeepsData ? null : folder);
            return await WatchAsync(waymark, shop, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (DemoException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        finally
        {
            // Those who send first, the one who receives last: nothing is lost on the way out.
            if (shop is not null) await shop.StopAsync();
            if (waymark is not null) await waymark.StopAsync(WaymarkPatience);
            waymark?.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private bool KeepsData => options.ForWaymark.Any(static option => option == "--data" || option.StartsWith("--data=", StringComparison.Ordinal));

    private Child StartWaymark(string folder)
    {
        if (!File.Exists(options.Waymark)) throw new DemoException($"{options.Waymark} is missing: ./run --demo builds it.");
        string[] data = KeepsData ? [] : ["--data", Path.Combine(folder, "traces")];
        return Child.Start("Waymark", Environment.ProcessPath!, [Guard.Command, options.Waymark, "serve", .. data, .. options.ForWaymark], new Dictionary<string, string>());
    }

    private static async Task<WaymarkAddresses> ReadAddressesAsync(Child waymark, CancellationToken stop) => new(
        new Uri(await waymark.WaitForLineAsync("listening http ", StartLimit, stop)),
        new Uri(await waymark.WaitForLineAsync("listening otlp-http ", StartLimit, stop)));

    /// <summary>Until told to stop, or until any process ends: a demo with a hole in it only puzzles.</summary>
    private async Task<int> WatchAsync(Child waymark, ShopProcesses shop, CancellationToken stop)
    {
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, stop);
        var release = options.ReleaseAfter is { } after ? Task.Delay(after, stop) : stopped;
        while (true)
        {
            var ended = Task.WhenAny([waymark.Exited, .. shop.Running.Select(static child => child.Exited)]);
            var first = await Task.WhenAny(stopped, ended, release);
            if (stop.IsCancellationRequested) break;
            if (first == release)
            {
                await shop.ReleasePaymentsAsync(StartLimit, stop);
                await Console.Out.WriteLineAsync("A release went out. Somebody waits longer now: who, where, and since when?");
                release = stopped;
                continue;
            }

            var dead = new[] { waymark }.Concat(shop.Running).First(static child => child.Exited.IsCompleted);
            await Console.Error.WriteLineAsync($"{dead.Obituary()}\nEnding the demo.");
            return 1;
        }

        await Console.Error.WriteLineAsync("Stopping ...");
        return 0;
    }
}

/// <summary>Where the server listens.</summary>
internal sealed record WaymarkAddresses(Uri Http, Uri OtlpHttp);
