// A sample file of format 1.0 kept in the repository: later code must read it, and write it the same.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Tests.Segments;

/// <summary>Files of every released version stay readable for ever. WAYMARK_REGENERATE=1 writes the current version's sample anew: only right before that version is released.</summary>
public sealed class FrozenSegmentTests
{
    private const string Name = "segment-1.0.wmseg";

    private static readonly Lazy<byte[]> Sample = new(() => Load());

    [Fact]
    public void The_sample_of_version_1_0_still_says_what_was_written()
    {
        var fs = new MemoryFileSystem { ["/frozen"] = Sample.Value };
        using var segment = SegmentReader.Open(fs, "/frozen");
        SampleSegment.Check(segment);
    }

    [Fact]
    public void The_writer_still_writes_the_sample_byte_for_byte_but_for_its_minor_version()
    {
        var written = Written();
        SegmentSurgery.PatchHeader(written, header => BinaryPrimitives.WriteUInt16LittleEndian(header[10..], 0));
        Assert.Equal(Sample.Value, written);
    }

    private static byte[] Written()
    {
        var fs = new MemoryFileSystem();
        SampleSegment.Write(fs, "/new");
        return fs["/new"];
    }

    private static byte[] Load([CallerFilePath] string here = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(here)!, "..", "Frozen", Name);
        if (Environment.GetEnvironmentVariable("WAYMARK_REGENERATE") == "1") File.WriteAllBytes(path, Written());
        return File.ReadAllBytes(path);
    }
}
