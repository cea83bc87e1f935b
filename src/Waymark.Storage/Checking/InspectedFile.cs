// What a file of a store holds, as facts and tables: the shape in which an inspection leaves the store, for a terminal to lay out or JSON to carry.
using System.Collections.Immutable;

namespace Waymark.Storage.Checking;

/// <summary>How the values of a field read.</summary>
public enum InspectedKind
{
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A number of bytes.</summary>
    Bytes,

    /// <summary>A number with two decimals.</summary>
    Ratio,
}

/// <summary>A value: a text, or a number when <see cref="Text"/> is null.</summary>
public readonly record struct InspectedValue(string? Text, double Number)
{
    public static implicit operator InspectedValue(string text) => new(text, 0);

    public static implicit operator InspectedValue(long number) => new(null, number);

    public static implicit operator InspectedValue(double number) => new(null, number);
}

/// <summary>One thing about the file. <paramref name="Key"/> is its JSON name.</summary>
public sealed record InspectedFact(string Key, string Title, InspectedKind Kind, InspectedValue Value);

/// <summary>A column of a table. <paramref name="Key"/> is its JSON name.</summary>
/// <param name="IsDetail">May stand in a line of its own below the row where there is no room beside it.</param>
public sealed record InspectedField(string Key, string Title, InspectedKind Kind, bool IsDetail = false);

/// <summary>A table; each row has a value per field.</summary>
public sealed record InspectedTable(string Key, string Title, ImmutableArray<InspectedField> Fields, IReadOnlyList<InspectedValue[]> Rows);

/// <summary>An inspected file.</summary>
/// <param name="Kind">segment, log, manifest, services or lock.</param>
/// <param name="Findings">What is broken, or else worth knowing.</param>
public sealed record InspectedFile(
    string Path, string Kind, long Bytes, IReadOnlyList<InspectedFact> Facts, IReadOnlyList<InspectedTable> Tables, IReadOnlyList<CheckFinding> Findings);

/// <summary>Puts an <see cref="InspectedFile"/> together.</summary>
internal sealed class InspectedFileBuilder(string path, string kind, long bytes)
{
    private readonly List<InspectedFact> facts = [];
    private readonly List<InspectedTable> tables = [];

    public Findings Findings { get; } = new();

    public void Fact(string key, string title, string value) => facts.Add(new InspectedFact(key, title, InspectedKind.Text, value));

    public void Fact(string key, string title, long value, InspectedKind kind = InspectedKind.Number) => facts.Add(new InspectedFact(key, title, kind, value));

    public void Ratio(string key, string title, double value) => facts.Add(new InspectedFact(key, title, InspectedKind.Ratio, value));

    public void Table(string key, string title, ImmutableArray<InspectedField> fields, IReadOnlyList<InspectedValue[]> rows)
    {
        if (rows.Count > 0) tables.Add(new InspectedTable(key, title, fields, rows));
    }

    public InspectedFile Build() => new(path, kind, bytes, facts, tables, Findings.All);
}
