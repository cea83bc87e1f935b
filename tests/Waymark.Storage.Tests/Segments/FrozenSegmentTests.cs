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

    [Fact]
    public void Every_encoding_of_version_1_1_still_reads_as_it_was_written()
    {
        var fs = new MemoryFileSystem { ["/frozen"] = Encodings() };
        using var segment = SegmentReader.Open(fs, "/frozen");
        EncodingSample.Check(segment);
        Assert.Empty(FileInspection.Run(fs, "/frozen", null, CancellationToken.None).Findings);
    }

    private static byte[] Encodings() => Frozen.Load("encodings-1.1.wmseg", () =>
    {
        var fs = new MemoryFileSystem();
        EncodingSample.Write(fs, "/new");
        return fs["/new"];
    });

    private static byte[] Written()
    {
        var fs = new MemoryFileSystem();
        SampleSegment.Write(fs, "/new");
        return fs["/new"];
    }
}
