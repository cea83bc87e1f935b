// ./run --demo as a child process: Waymark and the whole shop, on ports of the system's choosing.
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Waymark.Process.Tests.Harness;

internal sealed class DemoProcess : IAsyncDisposable
{
    /// <summary>Above the launcher's own limits: it says better what was late.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(150);

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly HttpClient client = new();

    private DemoProcess(ChildProcess child) => Child = child;

    public ChildProcess Child { get; }

    public Uri Shop { get; private set; } = null!;

    public WaymarkReader Waymark { get; private set; } = null!;

    /// <summary>Waits until all is up.</summary>
    public static async Task<DemoProcess> Start(params string[] options)
    {
        var demo = new DemoProcess(ChildProcess.Start(Path.Combine(Repository.Root, "run"), Arguments(options), Repository.Root));
        try
        {
            demo.Shop = new Uri(await demo.Child.WaitForLine("listening shop ", StartLimit));
            demo.Waymark = new WaymarkReader(new Uri(await demo.Child.WaitForLine("listening waymark ", StartLimit)));
            return demo;
        }
        catch
        {
            await demo.DisposeAsync();
            throw;
        }
    }

    public static string[] Arguments(params string[] options) =>
        ["--demo", "--http", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0", "--demo-rate", "0", "--demo-release-after", "never", .. options];

    /// <summary>Two slate mugs and a packet of tea, 40.90 in all, unless <paramref name="items"/> says otherwise.</summary>
    public async Task<(int Status, JsonElement Answer, string TraceId)> Checkout(string customer, string card, object[]? items = null)
    {
        items ??= [new { sku = "mug-slate", quantity = 2 }, new { sku = "tea-sencha", quantity = 1 }];
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Shop, "/checkout")) { Content = JsonContent.Create(new { items, card }) };
        request.Headers.Add("Authorization", $"Bearer {customer}");
        using var response = await client.SendAsync(request);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return ((int)response.StatusCode, answer, answer.GetProperty("traceId").GetString()!);
    }

    /// <summary>The trace that a GET of the shop's API makes; its id is chosen here.</summary>
    public async Task<(int Status, string TraceId)> Get(string path, string customer)
    {
        var traceId = Guid.NewGuid().ToString("N");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Shop, path));
        request.Headers.Add("Authorization", $"Bearer {customer}");
        request.Headers.Add("traceparent", $"00-{traceId}-00f067aa0ba902b7-01");
        using var response = await client.SendAsync(request);
        return ((int)response.StatusCode, traceId);
    }

    public Task<string> GetText(string path) => client.GetStringAsync(new Uri(Shop, path));

    /// <summary>SIGTERM, which means to it what Ctrl-C means.</summary>
    public async Task<int> Stop()
    {
        Child.Terminate();
        return await Child.WaitForExit(StopLimit);
    }

    public async ValueTask DisposeAsync()
    {
        if (!Child.HasExited) await Stop();
        await Child.DisposeAsync();
        client.Dispose();
        Waymark?.Dispose();
    }

    /// <summary>All processes below this one, by what the system says.</summary>
    public static List<(int Id, string Program)> Descendants(int parent)
    {
        var all = Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (Id: id, Parent: ParentOf(id)))
            .ToList();
        var found = new List<int> { parent };
        for (var i = 0; i < found.Count; i++) found.AddRange(all.Where(process => process.Parent == found[i]).Select(process => process.Id));
        return [.. found.Skip(1).Select(id => (id, ProgramOf(id)))];
    }

    /// <summary>False also when another program has the number by now.</summary>
    public static bool IsRunning((int Id, string Program) process) => ParentOf(process.Id) >= 0 && ProgramOf(process.Id) == process.Program;

    /// <summary>-1 when there is no such process, or only what is left of it.</summary>
    private static int ParentOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? -1 : int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }

    private static string ProgramOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Split('\0')[0];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
