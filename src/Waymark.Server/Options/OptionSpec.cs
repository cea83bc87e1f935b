// One option: its key, its form, its default, and what it is for.
namespace Waymark.Server.Options;

/// <summary>An option, whatever the type of its values.</summary>
/// <param name="key">Dotted and lower case, e.g. <c>otlp.max_request_bytes</c>.</param>
/// <param name="flag">Its own command-line flag, e.g. <c>--http</c>; null when it is reached by <c>--set</c> only.</param>
internal abstract class OptionSpec(string key, string? flag, OptionKind kind, string description)
{
    public string Key => key;
    public string? Flag => flag;
    public OptionKind Kind => kind;
    public string Description => description;

    /// <summary>The part of the key before the first dot.</summary>
    public string Group => key[..key.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>The environment variable, e.g. <c>WAYMARK_OTLP_MAX_REQUEST_BYTES</c>.</summary>
    public string Variable => "WAYMARK_" + key.Replace('.', '_').ToUpperInvariant();

    /// <summary>The default, as it would be written.</summary>
    public abstract string DefaultText { get; }

    /// <summary>True when <paramref name="text"/> is an allowed value.</summary>
    public abstract bool IsAllowed(string text);

    /// <summary>An allowed value in its plainest form.</summary>
    public abstract string Normalise(string text);
}

/// <inheritdoc cref="OptionSpec"/>
internal sealed class OptionSpec<T>(string key, string? flag, OptionKind<T> kind, T defaultValue, string description) : OptionSpec(key, flag, kind, description)
{
    public T Default => defaultValue;

    public override string DefaultText => kind.Format(defaultValue);

    public override bool IsAllowed(string text) => kind.TryParse(text, out _);

    public override string Normalise(string text) => kind.Format(Parse(text));

    /// <summary>A value as it would be written.</summary>
    public string Format(T value) => kind.Format(value);

    /// <summary>Reads an allowed value.</summary>
    public T Parse(string text) => kind.TryParse(text, out var value) ? value : throw new System.Diagnostics.UnreachableException($"{Key} was checked before.");
}
