// One line on the error output that says how far a long job is, where a person may be looking.
using System.Globalization;
using Waymark.Storage.Checking;

namespace Waymark.Server.Terminal;

/// <summary>Writes over its own line, a few times per second; writes nothing unless <paramref name="isTerminal"/>.</summary>
internal sealed class ProgressLine(TextWriter error, bool isTerminal, int width, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private long last;
    private bool isShown;

    public void Show(CheckProgress progress)
    {
        if (!isTerminal || (last != 0 && time.GetElapsedTime(last) < Interval)) return;
        last = time.GetTimestamp();
        isShown = true;
        var share = progress.TotalBytes == 0 ? 0 : 100.0 * progress.Bytes / progress.TotalBytes;
        var text = string.Create(CultureInfo.InvariantCulture, $"{share,3:0} %  file {progress.Files} of {progress.TotalFiles}  {Cells.Clean(Path.GetFileName(progress.File))}");
        error.Write("\r" + Cells.Cut(text, width - 1) + Cells.Padding(text, width - 1));
    }

    /// <summary>Takes the line away again.</summary>
    public void Clear()
    {
        if (isShown) error.Write("\r" + new string(' ', width - 1) + "\r");
        isShown = false;
    }
}
