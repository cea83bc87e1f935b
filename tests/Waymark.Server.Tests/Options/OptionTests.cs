// Options: forms, precedence, and errors that say what is wrong, where, and what was perhaps meant.
using System.Collections;
using Waymark.Server.Hosting;
using Waymark.Server.Options;
using Waymark.Storage;

namespace Waymark.Server.Tests.Options;

public sealed class OptionTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("waymark-options").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private OptionValues Load(string? yaml = null, (string Name, string Value)[]? environment = null, (string, string, string)[]? commandLine = null, string? file = null)
    {
        if (file is null) File.Delete(Path.Combine(directory, "waymark.yaml"));
        if (yaml is not null) File.WriteAllText(Path.Combine(directory, file ?? "waymark.yaml"), yaml);
        var variables = new Hashtable { ["PATH"] = "/bin", ["WAYMARK_TEST_SCALE"] = "2" };
        foreach (var (name, value) in environment ?? []) variables[name] = value;
        return OptionValues.Load(commandLine ?? [], variables, file, directory);
    }

    private string Error(string? yaml = null, (string, string)[]? environment = null, (string, string, string)[]? commandLine = null) =>
        Assert.Throws<OptionException>(() => Load(yaml, environment, commandLine)).Message;

    [Fact]
    public void Without_any_source_every_option_has_its_default()
    {
        var options = Load().ToServerOptions();
        Assert.Equal("127.0.0.1:7070", options.Http.ToString());
        Assert.Equal("127.0.0.1:4318", options.OtlpHttp.ToString());
        Assert.Equal("127.0.0.1:4317", options.OtlpGrpc.ToString());
        Assert.Equal(64 << 20, options.MaxRequestBytes);
        Assert.Equal(256L << 20, options.MaxInFlightBytes);
        Assert.Equal(new Waymark.Model.Limits.SpanLimits(), options.SpanLimits);
        Assert.Equal(new StoreOptions { Directory = Path.GetFullPath("waymark-data") }, options.Store);
    }

    [Fact]
    public void Command_line_beats_environment_beats_file_beats_default()
    {
        const string Yaml = "retention:\n  age: 1d\n  bytes: 1GB\nstore.seal_age: 1m\n";
        (string, string)[] environment = [("WAYMARK_RETENTION_BYTES", "2GB"), ("WAYMARK_STORE_SEAL_AGE", "2m")];
        (string, string, string)[] commandLine = [("store.seal_age", "3m", "--set")];
        var values = Load(Yaml, environment, commandLine);
        Assert.Equal(new OptionValue("1d", OptionOrigin.File, "waymark.yaml line 2"), values.Shown(OptionCatalog.RetentionAge));
        Assert.Equal(new OptionValue("2GB", OptionOrigin.Environment, "WAYMARK_RETENTION_BYTES"), values.Shown(OptionCatalog.RetentionBytes));
        Assert.Equal(new OptionValue("3m", OptionOrigin.CommandLine, "--set"), values.Shown(OptionCatalog.SealAge));
        Assert.Equal(new OptionValue("50%", OptionOrigin.Default, "default") with { Text = "0.5" }, values.Shown(OptionCatalog.RetentionShare));
        Assert.Equal(TimeSpan.FromMinutes(3), values.ToServerOptions().Store.SealAge);
    }

    [Fact]
    public void The_file_may_nest_or_dot_its_keys_and_lists_may_be_lists_or_text()
    {
        var options = Load("otlp:\n  cors_origins: [https://a.example, 'https://b.example']\n  http: '[::1]:1'\nserver.hosts: a.example, b.example\nlimits:\n").ToServerOptions();
        Assert.Equal(["https://a.example", "https://b.example"], options.CorsOrigins);
        Assert.Equal(["a.example", "b.example"], options.Hosts);
        Assert.Equal("[::1]:1", options.OtlpHttp.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("---\n")]
    public void A_file_without_options_is_fine(string yaml) => Assert.Equal(OptionOrigin.Default, Load(yaml).Shown(OptionCatalog.Lanes).Origin);

    [Fact]
    public void A_named_file_must_exist_and_rules_over_the_one_in_the_directory()
    {
        File.WriteAllText(Path.Combine(directory, "waymark.yaml"), "store.lanes: 1");
        Assert.Equal("waymark: 2", "waymark: " + Load("store.lanes: 2", file: "other.yaml").Shown(OptionCatalog.Lanes).Text);
        Assert.Contains("absent.yaml does not exist", Assert.Throws<OptionException>(() => Load(file: "absent.yaml")).Message);
        File.WriteAllText(Path.Combine(directory, "third.yaml"), "store.lanes: 3");
        Assert.Equal("3", Load(environment: [("WAYMARK_CONFIG", "third.yaml")]).Shown(OptionCatalog.Lanes).Text);
    }

    [Fact]
    public void A_directory_is_not_a_configuration_file()
    {
        Directory.CreateDirectory(Path.Combine(directory, "dir"));
        Assert.Throws<OptionException>(() => Load(file: "dir"));
    }

    [Fact]
    public void An_unknown_key_is_named_with_its_place_and_the_likely_one()
    {
        Assert.Equal("There is no option \"retention.ages\" (waymark.yaml line 2). Did you mean retention.age? `waymark config` lists them all.", Error("retention:\n  ages: 3d\n"));
        Assert.Equal("There is no option \"lanes\" (waymark.yaml line 1). Did you mean store.lanes? `waymark config` lists them all.", Error("lanes: 3\n"));
        Assert.Equal("There is no option \"colour.of.the.sky\" (--set). `waymark config` lists them all.", Error(commandLine: [("colour.of.the.sky", "blue", "--set")]));
        Assert.Equal("The environment variable WAYMARK_RETENTION_AG is not an option of Waymark. Did you mean WAYMARK_RETENTION_AGE? `waymark config` lists them all.", Error(environment: [("WAYMARK_RETENTION_AG", "1d")]));
    }

    [Fact]
    public void A_bad_value_is_named_with_its_place_and_what_is_allowed_even_when_it_is_overridden()
    {
        const string Expected = "\"soon\" is not a value for store.seal_age (waymark.yaml line 1): it takes a duration with its unit (ms, s, m, h or d), from 1s to 1h. The default is 10m.";
        Assert.Equal(Expected, Error("store.seal_age: soon"));
        Assert.Equal(Expected, Error("store.seal_age: soon", commandLine: [("store.seal_age", "1m", "--set")]));
        Assert.Contains("(WAYMARK_STORE_DURABILITY): it takes sync, interval or os. The default is sync.", Error(environment: [("WAYMARK_STORE_DURABILITY", "1")]));
        Assert.Contains("store.lanes", Error("store:\n  lanes: [1, 2]\n"));
        Assert.Contains("twice", Error("store.lanes: 1\nstore:\n  lanes: 2\n"));
        Assert.Contains("is not valid YAML", Error("a: b: c"));
        Assert.Contains("keys and values", Error("just text"));
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused_with_both_names()
    {
        Assert.Equal(
            "otlp.max_in_flight_bytes (100MiB, --set) must be at least 2 times otlp.max_request_bytes (64MiB, default): a compressed request needs room twice.",
            Error(commandLine: [("otlp.max_in_flight_bytes", "100MiB", "--set")]));
        Assert.Contains("store.memory_bytes", Error(commandLine: [("store.seal_bytes", "1GiB", "--set")]));
    }

    [Theory]
    [InlineData("127.0.0.1:4317", "127.0.0.1:4317")]
    [InlineData("localhost:0", "127.0.0.1:0")]
    [InlineData("4317", "127.0.0.1:4317")]
    [InlineData(":4317", "127.0.0.1:4317")]
    [InlineData("[::1]:4317", "[::1]:4317")]
    [InlineData("0.0.0.0:1", "0.0.0.0:1")]
    [InlineData("*:1", "[::]:1")]
    [InlineData("127.0.0.1", null)]
    [InlineData("127.0.0.1:70000", null)]
    [InlineData("127.0.0.1:-1", null)]
    [InlineData("::1:4317", null)]
    [InlineData("example.com:80", null)]
    [InlineData("1.2.3:80", null)]
    [InlineData("", null)]
    public void Addresses_are_read_in_every_form(string text, string? expected) => Assert.Equal(expected, ListenAddress.TryParse(text)?.ToString());

    [Theory]
    [InlineData("200ms", 200)]
    [InlineData("30s", 30_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("7", null)]
    [InlineData("d", null)]
    [InlineData("-1s", null)]
    [InlineData("1y", null)]
    [InlineData("99999999999999d", null)]
    [InlineData("", null)]
    public void Durations_are_read_with_their_unit(string text, int? milliseconds)
    {
        var kind = new DurationKind(TimeSpan.Zero, TimeSpan.FromDays(1000));
        Assert.Equal(milliseconds is not null, kind.TryParse(text, out var value));
        if (milliseconds is null) return;
        Assert.Equal(milliseconds, (int)value.TotalMilliseconds);
        Assert.True(kind.TryParse(kind.Format(value), out var again));
        Assert.Equal(value, again);
    }

    [Theory]
    [InlineData("4096", 4096L)]
    [InlineData("64MiB", 67_108_864L)]
    [InlineData("50GB", 50_000_000_000L)]
    [InlineData("50 gb", 50_000_000_000L)]
    [InlineData("1.5KiB", 1536L)]
    [InlineData("0", 0L)]
    [InlineData("10 parsecs", null)]
    [InlineData("-1B", null)]
    [InlineData("99999999999TiB", null)]
    [InlineData("", null)]
    public void Bytes_are_read_with_or_without_a_unit(string text, long? bytes)
    {
        var kind = new BytesKind(0, long.MaxValue);
        Assert.Equal(bytes is not null, kind.TryParse(text, out var value));
        if (bytes is null) return;
        Assert.Equal(bytes, value);
        Assert.True(kind.TryParse(kind.Format(value), out var again));
        Assert.Equal(value, again);
    }

    [Fact]
    public void Every_option_accepts_its_own_default_and_has_a_description_unique_key_and_variable()
    {
        Assert.All(OptionCatalog.All, static spec =>
        {
            Assert.True(spec.IsAllowed(spec.DefaultText), spec.Key);
            Assert.Equal(spec.DefaultText, spec.Normalise(spec.DefaultText));
            Assert.EndsWith(".", spec.Description);
            Assert.NotEmpty(spec.Kind.Bounds);
        });
        Assert.Equal(OptionCatalog.All.Count, OptionCatalog.All.Select(static spec => spec.Variable).Distinct().Count());
    }

    [Fact]
    public void Every_option_of_the_store_can_be_set()
    {
        // Whoever adds one to StoreOptions must give it a row in the catalogue.
        var changed = Load(commandLine:
        [
            ("data.directory", "/d", "--data"), ("store.durability", "os", ""), ("store.sync_interval", "1s", ""), ("store.lanes", "63", ""), ("store.seal_bytes", "2MiB", ""),
            ("store.seal_age", "1s", ""), ("store.linger", "3s", ""), ("store.memory_bytes", "4MiB", ""), ("store.page_cache_bytes", "8MiB", ""), ("store.query_memory_bytes", "1MiB", ""), ("store.log_file_bytes", "1MiB", ""), ("store.reserve_bytes", "5B", ""), ("store.retry_window", "5s", ""),
            ("store.retry_requests", "7", ""), ("retention.age", "1s", ""), ("retention.bytes", "1MiB", ""), ("retention.volume_share", "10%", ""),
        ]).ToServerOptions().Store;
        var defaults = new StoreOptions { Directory = "" };
        Assert.All(typeof(StoreOptions).GetProperties(), property => Assert.NotEqual((property.Name, property.GetValue(defaults)), (property.Name, property.GetValue(changed))));
    }
}
