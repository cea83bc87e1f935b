// Which service each row of a segment is of: what most filters and groupings ask for, and what a page of contexts says only in more bits and through a table.
using Waymark.Model.Stores;
using Waymark.Storage.Scanning.Measuring;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>The services of a segment's contexts, numbered. Any number of threads.</summary>
internal sealed class PageServices(OpenSegment segment)
{
    private static readonly MeasureGroup ByService = new(MeasureField.Service);
    private Table? table;

    /// <summary>The names of the services; a span without one has null.</summary>
    public IReadOnlyList<string?> Names => Known.Names;

    /// <summary>The number of the service of each context.</summary>
    public int[] OfContext => Known.OfContext;

    private Table Known => table ??= Read();

    /// <summary>The service of every row of a page, if that is kept or worth keeping by now. Empty: ask the contexts.</summary>
    public ReadOnlySpan<byte> Find(SegmentCursor cursor, int page) => segment.Codes.Find(cursor, segment.Columns.Span(SegmentColumns.Span.Context), page, Names.Count, OfContext);

    /// <summary>The one service all of whose contexts are in a set, if no other context is in it; −1: it isn't one service's.</summary>
    public int ServiceOf(in NumberTest contexts)
    {
        var ofContext = OfContext;
        var service = -1;
        for (var c = 0; c < ofContext.Length; c++)
        {
            if (!contexts.Holds(c)) continue;
            if (service >= 0 && ofContext[c] != service) return -1;
            service = ofContext[c];
        }
        for (var c = 0; c < ofContext.Length; c++)
        {
            if (ofContext[c] == service && !contexts.Holds(c)) return -1;
        }
        return service;
    }

    private Table Read()
    {
        var names = new List<string?>();
        var ofResource = new int[segment.Resources.Length];
        for (var r = 0; r < ofResource.Length; r++)
        {
            var name = GroupText.OfResource(segment.Resources[r], ByService);
            ofResource[r] = names.IndexOf(name);
            if (ofResource[r] >= 0) continue;
            ofResource[r] = names.Count;
            names.Add(name);
        }
        return new Table(names, Array.ConvertAll(segment.Contexts, c => ofResource[c.Resource]));
    }

    private sealed record Table(List<string?> Names, int[] OfContext);
}
