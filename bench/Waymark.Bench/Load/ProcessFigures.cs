// What the kernel says about a process (proc(5)).
using System.Globalization;

namespace Waymark.Bench.Load;

internal static class ProcessFigures
{
    /// <summary>USER_HZ: 100 on every Linux there is.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>User and system seconds of all its threads so far, to 10 ms.</summary>
    public static double CpuSeconds(int processId)
    {
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        // The second field is the program's name in brackets and may itself hold blanks.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Field(14) + Field(15)) / TicksPerSecond;

        double Field(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
    }

    /// <summary>The most memory it ever had resident (VmHWM), bytes.</summary>
    public static long PeakResidentBytes(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}
