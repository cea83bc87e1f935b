// Services and operations: small enough to be told from sections and head rows.
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>Sums operations over heads and segments.</summary>
internal static class OperationList
{
    public static IReadOnlyList<OperationSummary> Of(StoreView view)
    {
        var sums = new Dictionary<(string Service, string Operation, SpanKind Kind), (long Spans, long Newest)>();
        foreach (var segment in view.Segments)
        {
            try
            {
                foreach (var (service, operation, kind, spans, newest) in segment.Operations) Add((service, operation, kind), spans, newest);
            }
            catch (CorruptFileException broken)
            {
                view.OnCorrupt(broken);
            }
        }
        foreach (var snapshot in view.Heads) AddHead(snapshot);
        return [.. sums
            .Select(s => new OperationSummary(s.Key.Service, s.Key.Operation, s.Key.Kind, s.Value.Spans, new UnixNanos(s.Value.Newest)))
            .OrderBy(o => o.Service, StringComparer.Ordinal).ThenBy(o => o.Operation, StringComparer.Ordinal).ThenBy(o => o.Kind)];

        void Add((string, string, SpanKind) key, long spans, long newest)
        {
            var sum = sums.GetValueOrDefault(key);
            sums[key] = (sum.Spans + spans, Math.Max(sum.Newest, newest));
        }

        void AddHead(HeadSnapshot snapshot)
        {
            var head = snapshot.Head;
            var counts = new Dictionary<(int Context, int Name, SpanKind Kind), (long Spans, long Newest)>();
            for (var row = 0; row < snapshot.Visible; row++)
            {
                if (!snapshot.IsVisible(row)) continue;
                ref readonly var span = ref head.Spans[row];
                ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, (span.Context, span.Name, span.Kind), out _);
                count = (count.Spans + 1, Math.Max(count.Newest, span.Start.Value));
            }
            foreach (var ((context, name, kind), (spans, newest)) in counts)
            {
                var service = head.Resources[head.Contexts[context].Resource].ServiceName;
                Add((service is null ? "" : Encoding.UTF8.GetString(service), Encoding.UTF8.GetString(head.Names[name]), kind), spans, newest);
            }
        }
    }
}
