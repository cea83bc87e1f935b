// Sample segments of every version kept in the repository: later code must read them, and write the latest the same.
using Waymark.Storage.Checking;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Tests.Segments;

/// <summary>Files of every released version stay readable for ever. How to add the next: <see cref="Frozen"/>.</summary>
public sealed class FrozenSegmentTests
{
    private static readonly string Latest = $"segment-{SegmentFormat.Major}.{SegmentFormat.Minor}.wmseg";

    private static readonly Lazy<byte[]> LatestSample = new(() => Frozen.Load(Latest, Written));

    public static TheoryData<string> Samples => [.. Frozen.All("segment-").Append(Latest).Distinct()];

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_sample_of_every_version_still_says_what_was_written(string name)
    {
        var fs = new MemoryFileSystem { ["/frozen"] = name == Latest ? LatestSample.Value : Frozen.Read(name) };
        using var segment = SegmentReader.Open(fs, "/frozen");
        SampleSegment.Check(segment);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_sample_of_every_version_can_be_inspected(string name)
    {
        var fs = new MemoryFileSystem { ["/frozen"] = name == Latest ? LatestSample.Value : Frozen.Read(name) };
        var inspected = FileInspection.Run(fs, "/frozen", null, CancellationToken.None);
        Assert.Empty(inspected.Findings);
        Assert.Equal(name, $"segment-{inspected.Facts.Single(f => f.Key == "version").Value.Text}.wmseg");
    }

    [Fact]
    public void The_writer_still_writes_the_latest_sample_byte_for_byte() => Assert.Equal(LatestSample.Value, Written());

    private static byte[] Written()
    {
        var fs = new MemoryFileSystem();
        SampleSegment.Write(fs, "/new");
        return fs["/new"];
    }
}
