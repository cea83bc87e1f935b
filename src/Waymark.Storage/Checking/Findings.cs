// Collects what a check finds, and keeps one ruined file from filling the screen.
namespace Waymark.Storage.Checking;

/// <summary>Findings in the order they are made. One thread.</summary>
internal sealed class Findings
{
    /// <summary>Findings listed per file; beyond, they are only counted.</summary>
    public const int MaxPerFile = 40;

    private readonly List<CheckFinding> list = [];
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);

    public IReadOnlyList<CheckFinding> All => list;

    public int Withheld { get; private set; }

    public void Damage(string file, long? offset, string what, string remedy) => Add(CheckSeverity.Damage, file, offset, what, remedy);

    public void Newer(string file, string what) => Add(CheckSeverity.Newer, file, null, what, Remedies.Upgrade);

    public void Notice(string file, long? offset, string what, string remedy = "") => Add(CheckSeverity.Notice, file, offset, what, remedy);

    private void Add(CheckSeverity severity, string file, long? offset, string what, string remedy)
    {
        var count = counts[file] = counts.GetValueOrDefault(file) + 1;
        if (count > MaxPerFile)
        {
            Withheld++;
            return;
        }
        list.Add(new CheckFinding(severity, file, offset, what, remedy));
    }
}

/// <summary>Ways out, worded once.</summary>
internal static class Remedies
{
    public const string Upgrade = "Start the version that wrote it, or a later one.";

    public const string Segment =
        "The server answers without what is broken and marks those answers partial. To have it back, stop the server and put the file from a backup in its place; otherwise retention removes it in time.";

    public const string SegmentUnreadable =
        "The server leaves this segment out of every answer and says so in its status. Stop it and put the file from a backup in its place; otherwise retention removes it in time.";

    public const string SegmentMissing = "Stop the server and put the file back from a backup. Without it its spans are lost; the server goes on without them and says so in its status.";

    public const string ManifestDamaged =
        "The next start keeps a copy as manifest.damaged, goes on with the edits it can read, and moves segments they don't list to set-aside/. A manifest from a backup is right only together with the segments and the log of that moment.";

    public const string ManifestLost = "The server refuses to start. Put the file back from a backup, or move the data away to start with an empty store.";

    public const string LogDamaged = "The next start takes every record that can be read, sets the file aside as .wal.damaged and raises an alarm. What is lost can only come from the senders again.";

    public const string CarriedLost = "The next start raises an alarm and goes on without them. They can only come from the senders again.";

    public const string Foreign = "The server leaves it alone. Move it away if nobody needs it here.";

    public const string NextStart = "The next start removes it.";

    public const string Services = "Only the colours of services depend on it. Delete the file with the server stopped to have it made anew.";

    /// <summary>For what is contradictory although every checksum is right.</summary>
    public const string Contradiction = "The checksums are right, so the disk is not to blame: please report this with the output of `waymark inspect` on the file.";
}
