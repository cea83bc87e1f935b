// What the corpus is made of, and how few bytes any store could hold it in: the floor that results are compared with.
using System.Globalization;
using System.Numerics;
using System.Text;
using Waymark.Model.Spans;

namespace Waymark.Bench.Corpus;

/// <summary>
/// The order-0 entropy floor, in bytes per span. Each column's values are taken as independent draws from their empirical distribution: a value that occurs n times
/// among N costs log2(N / n) bits. The model of a span is the one a good columnar store has:
/// <list type="bullet">
/// <item>span id: 64 random bits; trace id: 127 once per trace; a UUID: 122 bits for each distinct one (repeats are free); order ids: 32 bits for each distinct one</item>
/// <item>parent: the distance in rows, pre-order; no parent id is stored</item>
/// <item>start: since the parent's start, roots since the previous root's; duration: both as log-linear code (32 buckets an octave) by entropy, plus the bits that are left within the bucket in units of the sender's clock</item>
/// <item>which attributes a span has: one shape code; resource, scope, name, kind, status: one code each</item>
/// <item>text: digits are split from words ("GET user:17" = template + 17), each position a column of its own</item>
/// <item>anything else: by value</item>
/// </list>
/// Dictionaries themselves, page headers, checksums and indexes are not counted: a store can approach the floor, not reach it.
/// </summary>
internal sealed class CorpusStatistics
{
    private const int UuidBits = 122;
    private const int OrderIdBits = 32;

    private readonly Dictionary<string, Column> columns = [];
    private readonly HashSet<string> attributeKeys = [];
    private readonly HashSet<string> seenIds = [];
    private readonly StringBuilder template = new();
    private long attributeCount, traces, largestTrace, exceptions, previousRoot;
    private double exactBits, idBits;

    public long Spans { get; private set; }

    public double FloorBytesPerSpan => (exactBits + columns.Values.Sum(column => column.Bits())) / 8 / Spans;

    /// <summary>Part of the floor that is random identifiers.</summary>
    public double IdBytesPerSpan => idBits / 8 / Spans;

    public double AttributesPerSpan => (double)attributeCount / Spans;

    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Spans:N0} spans in {traces:N0} traces (mean {(double)Spans / traces:F1}, largest {largestTrace}); {AttributesPerSpan:F1} attributes per span of {attributeKeys.Count} keys; {100.0 * exceptions / Spans:F2} % with an exception; order-0 entropy floor {FloorBytesPerSpan:F1} B/span, of which {IdBytesPerSpan:F1} random identifiers");

    /// <summary>The columns that weigh most, with their share of the floor in bytes per span.</summary>
    public IEnumerable<(string Name, double BytesPerSpan)> Heaviest(int count) =>
        columns.Select(pair => (pair.Key, pair.Value.Bits() / 8 / Spans)).OrderByDescending(pair => pair.Item2).Take(count);

    public void Add(List<CorpusSpan> trace)
    {
        traces++;
        largestTrace = Math.Max(largestTrace, trace.Count);
        AddId(127);
        for (var row = 0; row < trace.Count; row++)
        {
            var span = trace[row];
            Spans++;
            AddId(64);
            Count("parent", row - span.ParentRow);
            AddTime("start", row == 0 ? span.Start - previousRoot : span.Start - trace[span.ParentRow].Start, span.Instance.ClockUnit);
            AddTime("duration", span.End - span.Start, span.Instance.ClockUnit);
            Count("resource", span.Instance.Index);
            Count("scope", span.Scope.GetHashCode(StringComparison.Ordinal));
            Count("kind and status", ((int)span.Kind * 4) + (int)span.Status);
            AddText("name", span.Name);
            AddText("status message", span.StatusMessage);
            AddAttributes("", span.Attributes);
            if (span.Exception is { } exception)
            {
                exceptions++;
                AddAttributes("event ", exception.Attributes);
            }
        }

        previousRoot = trace[0].Start;
    }

    private void AddAttributes(string prefix, List<CorpusAttribute> attributes)
    {
        var shape = new HashCode();
        foreach (var attribute in attributes)
        {
            shape.Add(attribute.Key, StringComparer.Ordinal);
            if (prefix.Length == 0)
            {
                attributeCount++;
                attributeKeys.Add(attribute.Key);
            }

            AddValue(prefix + attribute.Key, attribute);
        }

        Count(prefix + "shape", shape.ToHashCode());
    }

    private void AddValue(string column, in CorpusAttribute attribute)
    {
        switch (attribute.Key)
        {
            case "session.id" or "messaging.message.id" or "payment.id":
                if (seenIds.Add(attribute.Text)) AddId(UuidBits);
                return;
            case "order.id":
                if (seenIds.Add(attribute.Text)) AddId(OrderIdBits);
                return;
        }

        if (attribute.Type == AttributeType.Text) AddText(column, attribute.Text);
        else Count(column, attribute.Number);
    }

    /// <summary>Splits runs of digits from the words around them.</summary>
    private void AddText(string column, string text)
    {
        template.Clear();
        var variable = 0;
        for (var i = 0; i < text.Length;)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                template.Append(text[i++]);
                continue;
            }

            long number = 0;
            var from = i;
            // A leading zero would be lost; it stays in the template with what follows.
            var isNumber = text[i] != '0' || i + 1 == text.Length || !char.IsAsciiDigit(text[i + 1]);
            for (; i < text.Length && char.IsAsciiDigit(text[i]) && i - from < 18; i++) number = (number * 10) + (text[i] - '0');
            if (!isNumber)
            {
                template.Append(text, from, i - from);
                continue;
            }

            template.Append('#');
            Count($"{column} #{variable++}", number);
        }

        Count(column, template.ToString().GetHashCode(StringComparison.Ordinal));
    }

    private void AddTime(string column, long nanos, long unit)
    {
        var ticks = (ulong)Math.Max(0, nanos / unit);
        var octave = ticks == 0 ? 0 : BitOperations.Log2(ticks);
        var residualBits = Math.Max(0, octave - 5);
        Count(column, (long)((ulong)octave << 32 | ticks >> residualBits));
        exactBits += residualBits;
    }

    private void AddId(int bits)
    {
        exactBits += bits;
        idBits += bits;
    }

    private void Count(string column, long value)
    {
        if (!columns.TryGetValue(column, out var counts)) columns.Add(column, counts = new Column());
        counts.Add(value);
    }

    /// <summary>How often each value of a column occurs. Text values are told apart by hash.</summary>
    private sealed class Column
    {
        private readonly Dictionary<long, int> counts = [];
        private long total;

        public void Add(long value)
        {
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _)++;
            total++;
        }

        public double Bits() => counts.Values.Sum(count => count * Math.Log2((double)total / count));
    }
}
