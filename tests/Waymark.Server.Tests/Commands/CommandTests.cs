// The command line, run in the process: what is printed, where, and the exit codes.
using System.Collections;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Waymark.Server.Commands;
using Waymark.Server.Options;
using Waymark.Server.Tests.Hosting;
using Waymark.Storage;

namespace Waymark.Server.Tests.Commands;

public sealed class CommandTests
{
    private sealed class Closing(Action close) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            close();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Run
    {
        private readonly StringWriter output = new() { NewLine = "\n" };
        private readonly StringWriter error = new() { NewLine = "\n" };

        public Hashtable Environment { get; } = [];
        public StoreOpener? Opener { get; set; }
        public CancellationTokenSource Stop { get; } = new();
        public bool IsStoreClosed { get; private set; }
        public StoreOptions? Opened { get; private set; }

        public string Out
        {
            get
            {
                lock (output) return output.ToString();
            }
        }

        public string Error => error.ToString();

        public Task<int> StartAsync(params string[] args)
        {
            var context = new CommandContext(TextWriter.Synchronized(output), error, IsTerminal: false, Environment, Path.GetTempPath(), TimeProvider.System, Opener ?? Open) { Stop = Stop.Token };
            return Task.Run(() => WaymarkRoot.RunAsync(args, context));
        }

        private Task<OpenedStore> Open(StoreOptions options, TimeProvider time, ILogger logger, CancellationToken cancellation)
        {
            Opened = options;
            var store = new FakeStore();
            return Task.FromResult(new OpenedStore(store, store, new Closing(() => IsStoreClosed = true)));
        }
    }

    [Fact]
    public async Task Serve_prints_where_it_listens_serves_there_and_stops_in_order()
    {
        var run = new Run();
        var running = run.StartAsync("serve", "--http", "0", "--otlp-http", "127.0.0.1:0", "--otlp-grpc", "localhost:0", "--data", "/tmp/some where", "--set", "store.durability=os");
        await Eventually.TrueAsync(() => run.Out.Contains("listening otlp-grpc ", StringComparison.Ordinal));
        var lines = run.Out.Split('\n');
        var urls = lines.Where(static l => l.StartsWith("listening ", StringComparison.Ordinal)).Select(static l => l.Split(' ')).ToDictionary(static l => l[1], static l => l[2]);
        Assert.Equal(["http", "otlp-http", "otlp-grpc"], urls.Keys);
        Assert.Matches($"^Waymark \\S+ is ready: open {Regex.Escape(urls["http"])}$", lines[0]);
        Assert.Contains($"  OTLP/HTTP    {urls["otlp-http"]}", lines);
        Assert.Contains("  Data         /tmp/some where (durability os)", lines);
        Assert.Equal("/tmp/some where", run.Opened!.Directory);
        using (var client = new HttpClient()) Assert.Equal("ready\n", await client.GetStringAsync(urls["http"] + "/ready"));
        await run.Stop.CancelAsync();
        Assert.Equal(0, await running.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.True(run.IsStoreClosed);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task A_busy_port_is_one_sentence_and_exit_code_1()
    {
        using var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        var port = ((IPEndPoint)busy.LocalEndpoint).Port;
        var run = new Run();
        Assert.Equal(1, await run.StartAsync("serve", "--http", "0", "--otlp-http", $"127.0.0.1:{port}", "--otlp-grpc", "0"));
        Assert.Equal($"waymark: Port {port} on 127.0.0.1 is in use by another program. Choose another with --otlp-http HOST:PORT (port 0 takes any free one).\n", run.Error);
        Assert.True(run.IsStoreClosed);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task A_data_directory_that_can_not_be_opened_is_one_sentence_and_exit_code_1()
    {
        var run = new Run { Opener = static (_, _, _, _) => throw new IOException("another process has it open (waymark.lock).") };
        Assert.Equal(1, await run.StartAsync("serve", "--http", "0", "--data", "/tmp/x"));
        Assert.Equal("waymark: The data directory /tmp/x could not be opened: another process has it open (waymark.lock).\n", run.Error);
    }

    [Fact]
    public async Task A_data_directory_that_can_not_be_one_is_told_without_the_systems_words()
    {
        var file = Path.GetTempFileName();
        foreach (var (path, why) in new[] { (file, "can't be used: it is a file."), (file + "/x", $"can't be used: {file} is a file."), ("/proc/x", "can't be made: there is no place for it.") })
        {
            var run = new Run { Opener = static async (options, time, logger, cancellation) =>
            {
                var store = await SpanStore.OpenAsync(options, new Waymark.Protocols.Otlp.OtlpBodyDecoder(), time, logger, cancellation);
                return new(store, store, store);
            } };
            Assert.Equal(1, await run.StartAsync("serve", "--http", "0", "--data", path));
            Assert.Equal($"waymark: The data directory {path} {why} Choose another with --data DIR (data.directory).\n", run.Error);
        }
        File.Delete(file);
    }

    [Fact]
    public async Task An_address_others_can_reach_needs_allow_anonymous()
    {
        var refused = new Run();
        Assert.Equal(1, await refused.StartAsync("serve", "--http", "0.0.0.0:0"));
        Assert.Contains("--allow-anonymous", refused.Error);
        Assert.Null(refused.Opened);
        var allowed = new Run();
        var running = allowed.StartAsync("serve", "--http", "0.0.0.0:0", "--otlp-http", "0", "--otlp-grpc", "0", "--allow-anonymous");
        await Eventually.TrueAsync(() => allowed.Out.Contains("listening http http://127.0.0.1:", StringComparison.Ordinal));
        await allowed.Stop.CancelAsync();
        Assert.Equal(0, await running);
    }

    [Theory]
    [InlineData("'--htp'. Did you mean --http?", "serve", "--htp", "1")]
    [InlineData("There is no option \"store.lane\" (--set). Did you mean store.lanes?", "serve", "--set", "store.lane=1")]
    [InlineData("store.lanes is given twice on the command line: \"1\" (--set) and \"2\" (--set).", "config", "--set", "store.lanes=1", "--set", "store.lanes=2")]
    [InlineData("server.http is given twice", "config", "--http", "1", "--set", "server.http=2")]
    [InlineData("--set takes KEY=VALUE, not \"store.lanes\".", "config", "--set", "store.lanes")]
    [InlineData("is not a value for server.http (--http): it takes HOST:PORT", "config", "--http", "nowhere")]
    [InlineData("The configuration file nowhere.yaml does not exist.", "config", "--config", "nowhere.yaml")]
    [InlineData("`waymark --help`", "fly")]
    [InlineData("`waymark trace --help`", "trace", "a", "b")]
    [InlineData("'trce'. Did you mean trace?", "trce")]
    [InlineData("limits.text_bytes (--set): it takes a number of bytes, with a unit such as MiB or GB or without, from 64B to 16MiB. The default is 64KiB.", "config", "--set", "limits.text_bytes=1")]
    public async Task Misuse_is_told_and_exit_code_2(string expected, params string[] args)
    {
        var run = new Run();
        Assert.Equal(2, await run.StartAsync(args));
        Assert.Contains(expected, run.Error);
        Assert.DoesNotContain("-h\n", run.Error);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Version_and_help_are_printed()
    {
        var version = new Run();
        Assert.Equal(0, await version.StartAsync("--version"));
        Assert.Matches("^waymark [0-9]+\\.[0-9]+\\.[0-9]+\n$", version.Out);
        var help = new Run();
        Assert.Equal(0, await help.StartAsync("--help"));
        Assert.Contains("Examples:", help.Out);
        var serve = new Run();
        Assert.Equal(0, await serve.StartAsync("serve", "--help"));
        Assert.Contains("--otlp-grpc <ADDR>", serve.Out);
        Assert.Contains("listening otlp-grpc http://127.0.0.1:4317", serve.Out);
    }

    [Fact]
    public async Task Config_lists_every_option_with_value_origin_default_unit_and_bounds()
    {
        var run = new Run();
        run.Environment["WAYMARK_RETENTION_AGE"] = "72h";
        Assert.Equal(0, await run.StartAsync("config", "--http", "8080", "--set", "store.lanes=3"));
        var lines = run.Out.TrimEnd('\n').Split('\n').Select(static l => System.Text.RegularExpressions.Regex.Split(l, "  +")).ToList();
        Assert.Equal(["OPTION", "VALUE", "FROM", "DEFAULT", "UNIT", "BOUNDS"], lines[0]);
        Assert.Equal(OptionCatalog.All.Select(static s => s.Key), lines.Skip(1).Select(static l => l[0]));
        Assert.All(lines, static l => Assert.Equal(6, l.Length));
        Assert.Equal(["server.http", "127.0.0.1:8080", "--http", "127.0.0.1:7070", "host:port", "HOST:PORT, or PORT on 127.0.0.1"], lines[1]);
        Assert.All(run.Out.Split('\n'), static line => Assert.InRange(line.Length, 0, 199));
        Assert.Equal(["3d", "WAYMARK_RETENTION_AGE", "7d"], lines.Single(static l => l[0] == "retention.age")[1..4]);
        Assert.Equal(["3", "--set"], lines.Single(static l => l[0] == "store.lanes")[1..3]);
    }

    [Fact]
    public async Task Config_as_json_holds_the_same()
    {
        var run = new Run();
        Assert.Equal(0, await run.StartAsync("config", "--json", "--set", "retention.bytes=1GB"));
        using var document = JsonDocument.Parse(run.Out);
        Assert.Equal(OptionCatalog.All.Select(static s => s.Key), document.RootElement.EnumerateArray().Select(static o => o.GetProperty("key").GetString()));
        var bytes = document.RootElement.EnumerateArray().Single(static o => o.GetProperty("key").GetString() == "retention.bytes");
        Assert.Equal("1GB commandLine --set 50GB bytes WAYMARK_RETENTION_BYTES",
            string.Join(" ", new[] { "value", "origin", "source", "default", "unit", "variable" }.Select(name => bytes.GetProperty(name).GetString())));
    }

    [Fact]
    public async Task Config_on_a_terminal_names_every_option()
    {
        var output = new StringWriter();
        var context = new CommandContext(output, TextWriter.Null, IsTerminal: true, new Hashtable { ["NO_COLOR"] = "1" }, Path.GetTempPath(), TimeProvider.System, static (_, _, _, _) => throw new InvalidOperationException());
        Assert.Equal(0, await WaymarkRoot.RunAsync(["config"], context));
        Assert.All(OptionCatalog.All, spec => Assert.Contains(spec.Key, output.ToString()));
        Assert.All(output.ToString().Split('\n'), static line => Assert.InRange(line.Length, 0, 80));
    }
}
