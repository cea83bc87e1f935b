// Which attributes recent spans have, and with which values: what a filter may offer before anything is typed.
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Query.Search;

/// <summary>A value as text, so that <see cref="AttributeText"/> finds it again.</summary>
public sealed record AttributeValueCount(string Value, int Spans);

/// <summary>A key with its most frequent values.</summary>
/// <param name="Spans">Spans that have the key, themselves or by their resource.</param>
/// <param name="IsCut">It has further values.</param>
public sealed record AttributeKeyCount(string Key, int Spans, ImmutableArray<AttributeValueCount> Values, bool IsCut);

/// <summary>
/// Counts attributes of spans and their resources over the newest traces. Only what a filter can ask for is counted: texts, numbers and booleans, under keys without "=". Counts of values
/// are exact for the spans looked at as long as a key has no more than <see cref="MaxDistinct"/> different ones; those met later are not counted.
/// </summary>
public sealed class AttributeCensus
{
    /// <summary>The most traces, and spans, that are looked at: whichever is met first.</summary>
    public const int MaxTraces = 300;

    /// <inheritdoc cref="MaxTraces"/>
    public const int MaxSpans = 50_000;

    /// <summary>The most keys, and values of each, in an answer.</summary>
    public const int MaxKeys = 300;

    /// <inheritdoc cref="MaxKeys"/>
    public const int MaxValues = 10;

    /// <summary>Different values that are kept apart for one key.</summary>
    public const int MaxDistinct = 1000;

    /// <summary>UTF-8 bytes of the longest value that is offered: nobody picks a stack trace from a list.</summary>
    public const int MaxValueBytes = 256;

    private readonly string? service;
    private readonly Dictionary<string, Key> keys = new(StringComparer.Ordinal);
    private int spans;

    private AttributeCensus(string? service) => this.service = service;

    /// <summary>Traces looked at.</summary>
    public int Traces { get; private set; }

    /// <summary>The most frequent keys first, then by key.</summary>
    public ImmutableArray<AttributeKeyCount> Keys =>
    [
        .. keys.Where(k => k.Value.Spans > 0).OrderByDescending(k => k.Value.Spans).ThenBy(k => k.Key, StringComparer.Ordinal).Take(MaxKeys)
            .Select(k => new AttributeKeyCount(
                k.Key,
                k.Value.Spans,
                [.. k.Value.Values.OrderByDescending(v => v.Value).ThenBy(v => v.Key, StringComparer.Ordinal).Take(MaxValues).Select(v => new AttributeValueCount(v.Key, v.Value))],
                k.Value.HasMore || k.Value.Values.Count > MaxValues)),
    ];

    /// <summary>Counts over the newest traces with a span of the service (null: any) that starts in the range. Of a service, only its own spans count.</summary>
    public static async Task<AttributeCensus> TakeAsync(ITraceStore store, string? service, TimeRange range, ScanBudget budget)
    {
        var census = new AttributeCensus(service);
        var scan = new TraceFilter { Service = service, Range = range, Limit = MaxTraces }.ToScan() with { Parts = SpanParts.Attributes };
        var matcher = new TraceMatcher(scan);
        await budget.ReadAsync(store, scan, block =>
        {
            var matched = matcher.Match(block);
            var counter = new BlockCounter(census, block);
            for (var t = 0; t < matched.Length && census.Traces < MaxTraces; t++)
            {
                if (matched[t] > 0) counter.Add(block.Traces[t]);
            }
            counter.Finish();
            return census.Traces < MaxTraces && census.spans < MaxSpans;
        });
        return census;
    }

    private sealed class Key
    {
        public int Spans;
        public bool HasMore;

        /// <summary>Different values met in the block that is being counted: at most <see cref="MaxDistinct"/>.</summary>
        public int InBlock;

        public readonly Dictionary<string, int> Values = new(StringComparer.Ordinal);

        public void Add(string value, int count)
        {
            if (Values.Count >= MaxDistinct && !Values.ContainsKey(value)) HasMore = true;
            else CollectionsMarshal.GetValueRefOrAddDefault(Values, value, out _) += count;
        }
    }

    /// <summary>Counts by the block's codes, and translates once at its end.</summary>
    private sealed class BlockCounter(AttributeCensus census, SpanBlock block)
    {
        private readonly Key?[] keyOfCode = new Key?[block.Texts.Count];
        private readonly Dictionary<Key, int> lastRowOfKey = [];
        private readonly Dictionary<(Key Key, string Text), (int Spans, int LastRow)> values = [];
        private readonly Dictionary<(int Key, AttributeType Type, int Content, long Number), (Key? Key, string? Text)> entries = [];
        private readonly bool[] isOfService = [.. block.Resources.Select(r => census.service is null || block.Texts.String(r.Service) == census.service)];

        public void Add(TraceSlice trace)
        {
            census.Traces++;
            for (var row = trace.FirstRow; row < trace.FirstRow + trace.Count && census.spans < MaxSpans; row++)
            {
                var resource = block.Resource[row];
                if (!isOfService[resource]) continue;
                census.spans++;
                foreach (ref readonly var entry in block.Attributes.Of(row)) Count(row, entry);
                foreach (ref readonly var entry in block.Resources[resource].Attributes.AsSpan()) Count(row, entry);
            }
        }

        public void Finish()
        {
            foreach (var ((key, text), (count, _)) in values) key.Add(text, count);
            foreach (var key in keyOfCode)
            {
                if (key is not null) key.InBlock = 0;
            }
        }

        private void Count(int row, in AttributeEntry entry)
        {
            var id = (entry.Key, entry.Type, entry.Content, entry.Number);
            if (!entries.TryGetValue(id, out var known))
            {
                known = Translate(entry);
                // Ever new values, such as ids of requests, would fill the memory with what is not counted.
                if (known.Key is not { InBlock: >= MaxDistinct }) entries[id] = known;
            }
            if (known.Key is not { } key) return;
            // A span that has a key twice, or on its resource as well, has it once.
            ref var lastRow = ref CollectionsMarshal.GetValueRefOrAddDefault(lastRowOfKey, key, out var hasKey);
            if (!hasKey || lastRow != row) key.Spans++;
            lastRow = row;
            if (known.Text is null) return;
            if (key.InBlock >= MaxDistinct && !values.ContainsKey((key, known.Text)))
            {
                key.HasMore = true;
                return;
            }
            ref var value = ref CollectionsMarshal.GetValueRefOrAddDefault(values, (key, known.Text), out var hasValue);
            if (!hasValue) key.InBlock++;
            if (!hasValue || value.LastRow != row) value.Spans++;
            value.LastRow = row;
        }

        /// <summary>No key: it can't be asked for. No text: the value is too long to be offered.</summary>
        private (Key? Key, string? Text) Translate(in AttributeEntry entry)
        {
            if (entry.Type is not (AttributeType.Text or AttributeType.Int or AttributeType.Double or AttributeType.Bool)) return default;
            if (KeyOf(entry.Key) is not { } key) return default;
            if (block.Texts.Utf8(entry.Content).Length > MaxValueBytes)
            {
                key.HasMore = true;
                return (key, null);
            }
            return (key, entry.Type switch
            {
                AttributeType.Text => block.Texts.String(entry.Content),
                AttributeType.Int => entry.Number.ToString(CultureInfo.InvariantCulture),
                AttributeType.Double => BitConverter.Int64BitsToDouble(entry.Number).ToString("R", CultureInfo.InvariantCulture),
                _ => entry.Number != 0 ? "true" : "false",
            });
        }

        private Key? KeyOf(int code)
        {
            if (code < 0) return null;
            if (keyOfCode[code] is { } known) return known;
            var name = block.Texts.String(code);
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal)) return null;
            ref var key = ref CollectionsMarshal.GetValueRefOrAddDefault(census.keys, name, out _);
            return keyOfCode[code] = key ??= new Key();
        }
    }
}
