// What searches ask of a segment's resources, worked out once per segment: a store has hundreds of segments, and a question comes to each.
using System.IO.Hashing;
using Waymark.Model.Spans;
using Waymark.Storage.Head;

namespace Waymark.Storage.Scanning;

/// <summary>Which contexts belong to a service, and which keys resources have at all. Immutable.</summary>
internal sealed class ResourceTable
{
    /// <summary>Lists, not a test for each service: that would be a bit for every pair of a service and a context, and senders may have a service each.</summary>
    private readonly Dictionary<UInt128, int[]> contextsOfService;
    private readonly HashSet<UInt128> keys = [];
    private readonly int contexts;

    public ResourceTable(OpenSegment segment)
    {
        contexts = segment.Contexts.Length;
        var services = Array.ConvertAll(segment.Resources, Read);
        contextsOfService = Enumerable.Range(0, contexts).GroupBy(c => services[segment.Contexts[c].Resource]).ToDictionary(g => g.Key, g => g.ToArray());
    }

    /// <summary>The contexts whose resource is of a service; the empty name stands for none.</summary>
    public NumberTest ContextsOf(ReadOnlySpan<byte> service) => contextsOfService.TryGetValue(HashOf(service), out var listed) ? NumberTest.In(listed, contexts) : NumberTest.None;

    /// <summary>Some resource has an attribute with this key.</summary>
    public bool HasKey(ReadOnlySpan<byte> key) => keys.Contains(HashOf(key));

    private static UInt128 HashOf(ReadOnlySpan<byte> text) => XxHash128.HashToUInt128(text, ProcessSeed.Value);

    /// <summary>Takes a resource's keys and says its service: as everywhere the first text counts.</summary>
    private UInt128 Read(byte[] blob)
    {
        ReadOnlySpan<byte> service = default;
        var hasService = false;
        var reader = new ElementBlob.Reader(blob);
        reader.Number();
        reader.Text();
        reader.Number();
        for (var count = reader.Number(); count > 0; count--)
        {
            reader.Attribute(out var key, out var type, out _, out var content);
            keys.Add(HashOf(key));
            if (hasService || type != AttributeType.Text || !key.SequenceEqual("service.name"u8)) continue;
            service = content;
            hasService = true;
        }
        return HashOf(service);
    }
}
