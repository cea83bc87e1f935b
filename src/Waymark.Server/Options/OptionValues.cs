// Where each option's value came from, after all sources have been laid over each other.
using System.Collections;
using System.Globalization;
using Waymark.Model.Limits;
using Waymark.Storage;

namespace Waymark.Server.Options;

/// <summary>The kinds of places a value can come from, weakest first.</summary>
internal enum OptionOrigin
{
    Default,
    File,
    Environment,
    CommandLine,
}

/// <summary>A value as written, and where: e.g. <c>WAYMARK_OTLP_HTTP</c>, <c>waymark.yaml line 3</c>, <c>--http</c>.</summary>
internal sealed record OptionValue(string Text, OptionOrigin Origin, string Source);

/// <summary>A mistake in the configuration, in one or two sentences naming key, place, what is allowed and what was perhaps meant. Exit code 2.</summary>
internal sealed class OptionException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The values of all options, checked one by one and against each other.</summary>
internal sealed class OptionValues
{
    private readonly Dictionary<OptionSpec, OptionValue> given;

    private OptionValues(Dictionary<OptionSpec, OptionValue> set) => given = set;

    /// <summary>
    /// Reads command line over environment over file over defaults. Throws <see cref="OptionException"/> for an unknown key or a value that is not allowed, wherever it stands, overridden or not.
    /// </summary>
    /// <param name="commandLine">Key, value and the flag that set it; each key once.</param>
    /// <param name="environment">All variables of the process; those beginning with WAYMARK_ are Waymark's.</param>
    /// <param name="configFile">A file that must exist, or null: then waymark.yaml in <paramref name="directory"/>, if there is one.</param>
    public static OptionValues Load(IEnumerable<(string Key, string Value, string Flag)> commandLine, IDictionary environment, string? configFile, string directory)
    {
        var set = new Dictionary<OptionSpec, OptionValue>();
        var variables = OptionSources.FromEnvironment(environment, out var fileVariable);
        foreach (var (spec, value) in OptionSources.FromFile(configFile ?? fileVariable, directory)) set[spec] = value;
        foreach (var (spec, value) in variables) set[spec] = value;
        foreach (var (key, text, flag) in commandLine)
        {
            var spec = OptionCatalog.Find(key) ?? throw OptionSources.UnknownKey(key, flag);
            if (set.TryGetValue(spec, out var before) && before.Origin == OptionOrigin.CommandLine)
                throw new OptionException($"{key} is given twice on the command line: \"{before.Text}\" ({before.Source}) and \"{text}\" ({flag}).");
            set[spec] = OptionSources.Check(spec, new(text, OptionOrigin.CommandLine, flag));
        }

        var values = new OptionValues(set);
        values.CheckTogether();
        return values;
    }

    public T Get<T>(OptionSpec<T> spec) => given.TryGetValue(spec, out var value) ? spec.Parse(value.Text) : spec.Default;

    /// <summary>The value in its plainest form, and where it came from.</summary>
    public OptionValue Shown(OptionSpec spec) => given.TryGetValue(spec, out var value)
        ? value with { Text = spec.Normalise(value.Text) }
        : new(spec.DefaultText, OptionOrigin.Default, "default");

    public ServerOptions ToServerOptions() => new()
    {
        Http = Get(OptionCatalog.ServerHttp),
        OtlpHttp = Get(OptionCatalog.OtlpHttp),
        OtlpGrpc = Get(OptionCatalog.OtlpGrpc),
        AllowAnonymous = Get(OptionCatalog.AllowAnonymous),
        PathBase = Get(OptionCatalog.PathBase),
        Hosts = Get(OptionCatalog.Hosts),
        CorsOrigins = Get(OptionCatalog.CorsOrigins),
        MaxRequestBytes = (int)Get(OptionCatalog.MaxRequestBytes),
        MaxInFlightBytes = Get(OptionCatalog.MaxInFlightBytes),
        SpanLimits = new SpanLimits
        {
            MaxTextBytes = (int)Get(OptionCatalog.TextBytes),
            MaxAttributes = Get(OptionCatalog.Attributes),
            MaxNesting = Get(OptionCatalog.Nesting),
        },
        Store = new StoreOptions
        {
            Directory = Path.GetFullPath(Get(OptionCatalog.DataDirectory)),
            Durability = Get(OptionCatalog.StoreDurability),
            SyncInterval = Get(OptionCatalog.SyncInterval),
            Lanes = Get(OptionCatalog.Lanes),
            SealBytes = Get(OptionCatalog.SealBytes),
            SealAge = Get(OptionCatalog.SealAge),
            Linger = Get(OptionCatalog.Linger),
            MemoryBytes = Get(OptionCatalog.MemoryBytes),
            PageCacheBytes = Get(OptionCatalog.PageCacheBytes),
            QueryMemoryBytes = Get(OptionCatalog.QueryMemoryBytes),
            LogFileBytes = Get(OptionCatalog.LogFileBytes),
            ReserveBytes = Get(OptionCatalog.ReserveBytes),
            RetryWindow = Get(OptionCatalog.RetryWindow),
            RetryRequests = Get(OptionCatalog.RetryRequests),
            RetentionAge = Get(OptionCatalog.RetentionAge),
            RetentionBytes = Get(OptionCatalog.RetentionBytes),
            RetentionVolumeShare = Get(OptionCatalog.RetentionShare),
        },
    };

    private void CheckTogether()
    {
        RequireAtLeast(OptionCatalog.MaxInFlightBytes, 2, OptionCatalog.MaxRequestBytes, "a compressed request needs room twice");
        RequireAtLeast(OptionCatalog.MemoryBytes, 1, OptionCatalog.SealBytes, "spans must fit into memory until they are sealed");
    }

    private void RequireAtLeast(OptionSpec<long> larger, int times, OptionSpec<long> smaller, string why)
    {
        if (Get(larger) >= times * Get(smaller)) return;
        var factor = times == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{times} times ");
        throw new OptionException(
            $"{larger.Key} ({Shown(larger).Text}, {Shown(larger).Source}) must be at least {factor}{smaller.Key} ({Shown(smaller).Text}, {Shown(smaller).Source}): {why}.");
    }
}
