// Every log message of the store, with its event id (2000-2999). 20xx log, 21xx manifest, 22xx segments and housekeeping.
using Microsoft.Extensions.Logging;

namespace Waymark.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(2000, LogLevel.Debug, "Log file {Path} made, {Bytes} bytes, from sequence {Sequence}")]
    public static partial void LogFileMade(ILogger logger, string path, long bytes, ulong sequence);

    [LoggerMessage(2001, LogLevel.Error, "Log records {First} to {Last} are not stored: {Reason}")]
    public static partial void LogWriteFailed(ILogger logger, ulong first, ulong last, string reason);

    [LoggerMessage(2002, LogLevel.Error, "Syncing log file {Path} failed; its last records are written again to a new file")]
    public static partial void LogSyncFailed(ILogger logger, Exception error, string path);

    [LoggerMessage(2003, LogLevel.Warning, "The log has no room: {Reason}")]
    public static partial void LogFull(ILogger logger, string reason);

    [LoggerMessage(2004, LogLevel.Information, "The log has room again")]
    public static partial void LogHasRoom(ILogger logger);

    [LoggerMessage(2005, LogLevel.Warning, "Log file {Path} could not be deleted; tried again later")]
    public static partial void LogDeleteFailed(ILogger logger, Exception error, string path);

    [LoggerMessage(2006, LogLevel.Error, "Syncing log file {Path} failed; records acknowledged since the last sync would not survive a loss of power until they are sealed, which is done at once")]
    public static partial void LogIntervalSyncFailed(ILogger logger, Exception error, string path);

    [LoggerMessage(2007, LogLevel.Warning, "{Alarm}")]
    public static partial void LogReplayAlarm(ILogger logger, string alarm);

    [LoggerMessage(2008, LogLevel.Information, "Log file {Path} ends in an unfinished write at byte {Offset}; nothing acknowledged was in it")]
    public static partial void LogTornTail(ILogger logger, string path, long offset);

    [LoggerMessage(2100, LogLevel.Error, "{Alarm}")]
    public static partial void ManifestAlarm(ILogger logger, string alarm);

    [LoggerMessage(2101, LogLevel.Warning, "Manifest {Path} could not be rewritten; tried again with the next edit")]
    public static partial void ManifestRewriteFailed(ILogger logger, Exception error, string path);

    [LoggerMessage(2102, LogLevel.Error, "Writing to manifest {Path} failed; it is written anew")]
    public static partial void ManifestAppendFailed(ILogger logger, Exception error, string path);

    [LoggerMessage(2103, LogLevel.Information, "Manifest {Path} ends in an unfinished edit at byte {Offset}, dropped")]
    public static partial void ManifestTornTail(ILogger logger, string path, long offset);

    [LoggerMessage(2200, LogLevel.Error, "Sealing spans into a segment failed; they stay in memory and in the log, and it is tried again")]
    public static partial void SealFailed(ILogger logger, Exception error);

    [LoggerMessage(2201, LogLevel.Information, "Segment {Id:x16} with {Spans} spans, {Bytes} bytes, is past retention and deleted")]
    public static partial void SegmentExpired(ILogger logger, ulong id, long spans, long bytes);

    [LoggerMessage(2203, LogLevel.Error, "Deleting segments past retention failed; it is tried again")]
    public static partial void RetentionFailed(ILogger logger, Exception error);

    [LoggerMessage(2202, LogLevel.Error, "{Alarm}")]
    public static partial void Alarm(ILogger logger, string alarm);
}
