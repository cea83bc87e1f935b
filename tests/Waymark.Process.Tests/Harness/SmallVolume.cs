// A tmpfs of a few megabytes mounted on a folder, for tests of a full disk.
using System.ComponentModel;

namespace Waymark.Process.Tests.Harness;

internal sealed class SmallVolume : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly string folder;

    private SmallVolume(string folder) => this.folder = folder;

    /// <summary>Null when mounting is not permitted here. Dispose it after every process that has files there.</summary>
    public static async Task<SmallVolume?> Mount(string folder, int mebibytes)
    {
        try
        {
            var (code, _, _) = await ChildProcess.Run("mount", ["-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", folder], "/", Limit);
            return code == 0 ? new SmallVolume(folder) : null;
        }
        catch (Win32Exception)
        {
            // No such program.
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        var (code, _, errors) = await ChildProcess.Run("umount", [folder], "/", Limit);
        if (code != 0) throw new InvalidOperationException($"{folder} could not be unmounted: {errors}");
    }
}
