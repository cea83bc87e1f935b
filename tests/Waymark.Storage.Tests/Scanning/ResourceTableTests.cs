// What a segment's resources are asked for: the contexts of a service, and keys, however many senders a segment has.
using System.Text;
using Waymark.Model.Stores;
using Waymark.Storage.Scanning;
using Waymark.Storage.Tests.Faults;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Scanning;

public sealed class ResourceTableTests
{
    [Fact]
    public async Task A_table_of_as_many_services_as_resources_takes_as_much_as_those_do()
    {
        const int Services = 6_000;
        var disk = new FaultFileSystem();
        await using (var store = await StoreClient.OpenAsync(disk, StoreClient.Options() with { LogFileBytes = 4 << 20 }))
        {
            var random = new RandomSpans(6) { Oddity = 0 };
            // Two of each, so that a service's contexts are more than one and apart.
            var spans = Enumerable.Range(0, 2 * Services).Select(i => random.Span() with
            {
                Resource = random.Span().Resource with { Attributes = [NaiveAttribute.Text("service.name", $"service {i % Services}"), NaiveAttribute.Text("instance", $"{i}")] },
            });
            foreach (var part in spans.Chunk(1_000)) await store.WriteAsync(SentRequest.Protobuf("", part).Request, CancellationToken.None);
        }
        using var segment = SegmentCursorTests.Open(disk, disk.List("/data/segments")[0]);
        Assert.Equal(2 * Services, segment.Resources.Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var table = segment.ResourceTable;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, segment.Resources.Length * 1_000L);

        for (var service = 0; service < Services; service += 997)
        {
            var plain = new PreparedPredicate(new SpanPredicate(SpanField.Service, PredicateOperator.Equal) { Text = $"service {service}" });
            var test = table.ContextsOf(Encoding.UTF8.GetBytes($"service {service}"));
            for (var context = 0; context < segment.Contexts.Length; context++)
            {
                var isIn = context >= test.Low && context <= test.High && (test.Set![context / 64] >> (context % 64) & 1) != 0;
                Assert.Equal(plain.MatchesResource(segment.Resources[segment.Contexts[context].Resource]), isIn);
            }
        }
        Assert.True(table.ContextsOf("service"u8).IsImpossible);
        Assert.True(table.HasKey("instance"u8));
        Assert.False(table.HasKey("instances"u8));
    }
}
