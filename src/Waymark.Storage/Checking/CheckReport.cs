// What a check of a store's files says, in words for people and fields for programs.
namespace Waymark.Storage.Checking;

/// <summary>How bad a finding is.</summary>
public enum CheckSeverity
{
    /// <summary>Worth knowing; nothing is lost or in danger.</summary>
    Notice,

    /// <summary>Intact, but written by a newer version: this program can't read it, and can't say whether it is right.</summary>
    Newer,

    /// <summary>Broken: something is lost, or will be missing from answers.</summary>
    Damage,
}

/// <summary>One thing found.</summary>
/// <param name="File">Full path.</param>
/// <param name="Offset">Where in the file, in bytes; null when it is about the file as a whole.</param>
/// <param name="What">What is wrong, without file and offset.</param>
/// <param name="Remedy">The way out; empty where none is needed.</param>
public sealed record CheckFinding(CheckSeverity Severity, string File, long? Offset, string What, string Remedy);

/// <summary>How much was looked at.</summary>
/// <param name="LogSpans">Spans of the log's records that no segment holds yet.</param>
public sealed record CheckedAmounts(int Files, long Bytes, int Segments, long Spans, long Traces, long Pages, long LogRecords, long LogSpans);

/// <summary>The outcome of a check.</summary>
/// <param name="UsedBy">The process that has the store open, when there is one: only files that don't change any more were checked.</param>
/// <param name="Findings">In the order of files.</param>
/// <param name="Withheld">Findings beyond what is listed: no more than <see cref="Findings.MaxPerFile"/> of one file are.</param>
public sealed record CheckReport(string Directory, string? UsedBy, IReadOnlyList<CheckFinding> Findings, int Withheld, CheckedAmounts Checked)
{
    /// <summary>True when nothing is broken and nothing was left unread; notices don't count.</summary>
    public bool IsSound => Findings.All(f => f.Severity == CheckSeverity.Notice);
}

/// <summary>Where a check stands.</summary>
/// <param name="Bytes">Checked so far, of <paramref name="TotalBytes"/>.</param>
public readonly record struct CheckProgress(string File, int Files, int TotalFiles, long Bytes, long TotalBytes);

/// <summary>The check can't be made at all; the message says why.</summary>
public sealed class CheckImpossibleException(string message, Exception? inner = null) : IOException(message, inner);
