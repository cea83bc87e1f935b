// The machine a result was measured on, and a yardstick measured in the same run.
using System.Diagnostics;
using System.Globalization;

namespace Waymark.Bench.Load;

internal static class Machine
{
    public static int Cores => Environment.ProcessorCount;

    /// <summary>"model name" of /proc/cpuinfo, or the architecture where there is none.</summary>
    public static string CpuModel
    {
        get
        {
            var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
            return line is null ? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }
    }

    /// <summary>Gigabytes per second that one core copies from memory to memory: the median of 15 copies of 64 MiB, larger than any cache.</summary>
    public static double MeasureMemcpyGigabytesPerSecond()
    {
        var from = new byte[64 << 20];
        var to = new byte[from.Length];
        Random.Shared.NextBytes(from);
        from.CopyTo(to, 0);
        var rates = new double[15];
        for (var i = 0; i < rates.Length; i++)
        {
            var clock = Stopwatch.GetTimestamp();
            from.AsSpan().CopyTo(to);
            rates[i] = from.Length / Stopwatch.GetElapsedTime(clock).TotalSeconds / 1e9;
        }

        Array.Sort(rates);
        return rates[rates.Length / 2];
    }

    public static string Describe() => string.Create(CultureInfo.InvariantCulture, $"{Cores} cores, {CpuModel}");
}
