// Which service each row of a segment is of, as one byte: what most filters and groupings ask for, and what a page of contexts says only in more bits and through a table.
using Waymark.Model.Stores;
using Waymark.Storage.Columns;
using Waymark.Storage.Scanning.Measuring;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Services of a segment's contexts, numbered, and pages of these numbers, kept while there is room. Any number of threads.</summary>
internal sealed class PageServices(OpenSegment segment, PageCache cache) : IDisposable
{
    /// <summary>A byte each.</summary>
    private const int MaxServices = 256;

    private static readonly MeasureGroup ByService = new(MeasureField.Service);
    private readonly PageObjects<byte[]> pages = new(segment.Reader, cache);
    private Table? table;

    /// <summary>The names of the services; a span without one has null.</summary>
    public IReadOnlyList<string?> Names => Known.Names;

    /// <summary>The number of the service of each context.</summary>
    public int[] OfContext => Known.OfContext;

    private Table Known => table ??= Read();

    /// <summary>The service of every row of a page, if that is kept or worth keeping by now. Empty: ask the contexts.</summary>
    public ReadOnlySpan<byte> Find(SegmentCursor cursor, int page)
    {
        var column = segment.Columns.Span(SegmentColumns.Span.Context);
        if (pages.TryGet(column, page, out var known)) return known;
        if (Names.Count > MaxServices || !pages.IsAskedAgain(column, page)) return default;
        var ofContext = OfContext;
        var contexts = cursor.Numbers(column, page);
        var services = GC.AllocateUninitializedArray<byte>(contexts.Length);
        for (var r = 0; r < services.Length; r++)
        {
            // A page that contradicts itself: whoever reads the contexts says so.
            if ((ulong)contexts[r] >= (ulong)ofContext.Length) return default;
            services[r] = (byte)ofContext[contexts[r]];
        }
        return pages.Keep(column, page, services, services.Length + 64);
    }

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

    public void Dispose() => pages.Dispose();

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
