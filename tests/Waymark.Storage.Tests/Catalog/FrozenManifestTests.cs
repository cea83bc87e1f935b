// Sample manifests of every version: a store of an old release is opened by every later one.
using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Spans;
using Waymark.Storage.Catalog;
using Waymark.Storage.Retries;
using Waymark.Storage.Tests.FileSystem;

namespace Waymark.Storage.Tests.Catalog;

/// <summary>How to add the next: <see cref="Frozen"/>.</summary>
public sealed class FrozenManifestTests
{
    private const string Latest = "manifest-1.0";

    private static readonly SegmentEntry First = Entry(1);
    private static readonly SegmentEntry Third = Entry(3);
    private static readonly RetryEntry Retry = new(7, UInt128.MaxValue - 5, new UnixNanos(1_767_225_600_000_000_000));

    private static readonly Lazy<byte[]> LatestSample = new(() => Frozen.Load(Latest, Written));

    public static TheoryData<string> Samples => [.. Frozen.All("manifest-").Append(Latest).Distinct()];

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_sample_of_every_version_says_what_was_noted(string name)
    {
        var disk = new FaultFileSystem();
        using (var file = disk.Disk.Create("/data/manifest")) file.Write(name == Latest ? LatestSample.Value : Frozen.Read(name), 0);
        using var catalog = Storage.Catalog.Catalog.Open(disk, "/data", new TestTime(), NullLogger.Instance, TimeSpan.FromDays(36_500));
        Assert.Empty(catalog.Alarms);
        Assert.True(catalog.EndsCleanly);
        Assert.NotEqual(Guid.Empty, catalog.StoreId);
        Assert.Equal([First, Third], catalog.Segments);
        Assert.Equal((42ul, 4ul), (catalog.LogCovered, catalog.NextSegmentId));
        Assert.Equal([Retry], catalog.Retries);
    }

    private static byte[] Written()
    {
        var disk = new FaultFileSystem();
        using (var catalog = Storage.Catalog.Catalog.Open(disk, "/data", new TestTime(), NullLogger.Instance, TimeSpan.FromDays(36_500)))
        {
            catalog.Apply(new CatalogEdit { Add = [First, Entry(2)], LogCovered = 17, Retries = [Retry] });
            catalog.Apply(new CatalogEdit { Add = [Third], Drop = [2], LogCovered = 42 });
        }
        return disk.Disk.Content("/data/manifest");
    }

    private static SegmentEntry Entry(ulong id) =>
        new(id, 1_000 * (long)id, 100 * (long)id, 10 * (long)id, new UnixNanos((long)id), new UnixNanos((long)id + 5), new UnixNanos((long)id + 6), new UnixNanos((long)id + 7), (uint)id);
}
