// What searches ask of a segment's resources, worked out once per segment: a store has hundreds of segments, and a question comes to each.
using System.IO.Hashing;
using Waymark.Model.Spans;
using Waymark.Storage.Head;

namespace Waymark.Storage.Scanning;

/// <summary>Which contexts belong to a service, and which keys resources have at all. Immutable.</summary>
internal sealed class ResourceTable
{
    private readonly Dictionary<UInt128, NumberTest> contextsOfService = [];
    private readonly HashSet<UInt128> keys = [];

    public ResourceTable(OpenSegment segment)
    {
        var services = Array.ConvertAll(segment.Resources, Read);
        foreach (var service in services.Distinct()) contextsOfService[service] = NumberTest.In(Array.ConvertAll(segment.Contexts, c => services[c.Resource] == service));
    }

    /// <summary>The contexts whose resource is of a service; the empty name stands for none.</summary>
    public NumberTest ContextsOf(ReadOnlySpan<byte> service) => contextsOfService.GetValueOrDefault(HashOf(service), NumberTest.None);

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
