// The sections that sum up or point at other parts of a segment, against those parts.
using System.Text;
using Waymark.Model.Spans;
using Waymark.Storage.Head;
using Waymark.Storage.Scanning;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Checking;

/// <summary>Resources, scopes, contexts, operations, continuations and page bases.</summary>
internal sealed class SegmentSectionsCheck(OpenSegment segment, SegmentCursor cursor, Action<string> onBroken)
{
    /// <param name="counted">Operations as the spans have them, by context, code of the name, and kind.</param>
    public void Run(Dictionary<(int Context, int Name, SpanKind Kind), (long Spans, long Newest)> counted)
    {
        CheckElements("resource", segment.Resources, texts: 1);
        CheckElements("scope", segment.Scopes, texts: 3);
        foreach (var (resource, scope) in segment.Contexts)
        {
            if (resource < 0 || resource >= segment.Resources.Length || scope < 0 || scope >= segment.Scopes.Length)
            {
                onBroken($"a context names resource {resource} of {segment.Resources.Length} and scope {scope} of {segment.Scopes.Length}");
                return;
            }
        }
        CheckOperations(counted);
        foreach (var id in segment.Continuations)
        {
            if (segment.Find(id, cursor) < 0) onBroken($"trace {id} is listed as continued here and is not in this segment");
        }
        var pages = segment.Reader.Columns[segment.Columns.Span(SegmentColumns.Span.Id)].PageCount;
        var bases = (segment.Reader.ReadSection(SectionKind.PageBases)?.Length ?? 0) / 8;
        // An empty segment has one: that of the page that never came.
        if (bases != Math.Max(1, pages)) onBroken($"{bases} page bases for {pages} pages of spans");
    }

    private void CheckElements(string what, byte[][] blobs, int texts)
    {
        for (var i = 0; i < blobs.Length; i++)
        {
            try
            {
                var reader = new ElementBlob.Reader(blobs[i]);
                if (reader.Number() != texts) throw new ArgumentException($"not {texts} texts");
                for (var t = 0; t < texts; t++) reader.Text();
                reader.Number();
                for (var count = reader.Number(); count > 0; count--) reader.Attribute(out _, out _, out _, out _);
            }
            catch (Exception error) when (error is ArgumentException or IndexOutOfRangeException)
            {
                onBroken($"{what} {i} can't be decoded: {error.Message}");
            }
        }
    }

    private void CheckOperations(Dictionary<(int Context, int Name, SpanKind Kind), (long Spans, long Newest)> counted)
    {
        var names = segment.Reader.Dictionary(segment.Reader.Columns[segment.Columns.Span(SegmentColumns.Span.Name)].Dictionary);
        var services = Array.ConvertAll(segment.Resources, ServiceOf);
        var expected = new Dictionary<(string, string, SpanKind), (long Spans, long Newest)>();
        foreach (var (key, sum) in counted) Add(expected, (services[segment.Contexts[key.Context].Resource], Encoding.UTF8.GetString(names[key.Name]), key.Kind), sum);
        var listed = new Dictionary<(string, string, SpanKind), (long Spans, long Newest)>();
        foreach (var operation in segment.Operations) Add(listed, (operation.Service, operation.Operation, operation.Kind), (operation.Spans, operation.Newest));
        foreach (var (key, sum) in expected)
        {
            if (!listed.Remove(key, out var found) || found != sum)
            {
                onBroken($"operation {key.Item2} of {key.Item1} is listed with {found.Spans} spans, there are {sum.Spans}");
                return;
            }
        }
        foreach (var key in listed.Keys)
        {
            onBroken($"operation {key.Item2} of {key.Item1} is listed, and no span has it");
            return;
        }
    }

    private static void Add(Dictionary<(string, string, SpanKind), (long Spans, long Newest)> sums, (string, string, SpanKind) key, (long Spans, long Newest) sum)
    {
        var known = sums.GetValueOrDefault(key);
        sums[key] = (known.Spans + sum.Spans, Math.Max(known.Newest, sum.Newest));
    }

    /// <summary>As the head takes it: the text attribute service.name, else nothing.</summary>
    private static string ServiceOf(byte[] resource)
    {
        var reader = new ElementBlob.Reader(resource);
        for (var texts = reader.Number(); texts > 0; texts--) reader.Text();
        reader.Number();
        for (var count = reader.Number(); count > 0; count--)
        {
            reader.Attribute(out var key, out var type, out _, out var content);
            if (type == AttributeType.Text && key.SequenceEqual("service.name"u8)) return Encoding.UTF8.GetString(content);
        }
        return "";
    }
}
