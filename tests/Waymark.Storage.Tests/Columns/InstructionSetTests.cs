// The kernels at their best are what this processor has; ./test runs them once more with less, by the runtime's own switches, and this says that the switches worked.
using System.Globalization;
using System.Runtime.Intrinsics;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class InstructionSetTests
{
    /// <summary>Bits of the widest vectors the run was meant to have; unset in ordinary runs.</summary>
    private static readonly string? Meant = Environment.GetEnvironmentVariable("WAYMARK_TEST_VECTOR_BITS");

    [Fact]
    public void No_wider_vectors_are_used_than_the_run_was_meant_to_have()
    {
        var widest = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        if (Meant is not null) Assert.True(widest <= int.Parse(Meant, CultureInfo.InvariantCulture), $"Vectors of {widest} bits are in use in a run that was meant to have at most {Meant}.");
        Assert.Equal(widest, BitPacking.Best switch { SimdLevel.Vector512 => 512, SimdLevel.Vector256 => 256, SimdLevel.Vector128 => 128, _ => 0 });
    }
}
