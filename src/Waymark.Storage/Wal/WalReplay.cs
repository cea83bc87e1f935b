// Reads the log back at start: every record that counts once and in order; tells an unfinished last write from damage.
// Exception policy: a file that can't be read or renamed throws IOException naming it (the store must not open without its log); bad bytes never throw.
using Microsoft.Extensions.Logging;
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Wal;

/// <summary>
/// One replay of a log directory. Rules (docs/formats/wal.md): files in order of first sequence; a record counts when both its checksums are right, its sequence is above the last one, and it is not
/// above <c>follows</c> of a later file. Bad bytes with nothing after them are a torn tail; bad bytes with a counting record after them are damage: an alarm, and the file is set aside as <c>.damaged</c>
/// (replayed from then on, never deleted).
/// </summary>
internal sealed class WalReplay
{
    private readonly IFileSystem fs;
    private readonly string directory;
    private readonly Guid storeId;
    private readonly uint seed;
    private readonly WalRecordHandler onRecord;
    private readonly ILogger logger;
    private readonly List<string> alarms = [];
    private readonly HashSet<string> damaged = new(StringComparer.Ordinal);
    private readonly ulong after;
    private ulong last;
    private int records;
    private long bytes;
    private int tornTails;

    private WalReplay(IFileSystem fs, string directory, Guid storeId, ulong after, WalRecordHandler onRecord, ILogger logger)
    {
        this.fs = fs;
        this.directory = directory;
        this.storeId = storeId;
        this.after = after;
        this.onRecord = onRecord;
        this.logger = logger;
        seed = WalFormat.Seed(storeId);
        last = after;
    }

    /// <summary>Hands every counting record with a sequence above <paramref name="after"/> to <paramref name="onRecord"/>, in order. Run it before the log is opened for appending.</summary>
    public static WalReplayResult Run(IFileSystem fs, string directory, Guid storeId, ulong after, WalRecordHandler onRecord, ILogger logger)
    {
        fs.CreateDirectory(directory);
        return new WalReplay(fs, directory, storeId, after, onRecord, logger).Run();
    }

    /// <summary>True when the log, as far as its files' headers tell, still has every record above a sequence.</summary>
    public static bool ReachesBackTo(IFileSystem fs, string directory, Guid storeId, ulong sequence)
    {
        fs.CreateDirectory(directory);
        var header = new byte[WalFormat.FileHeaderBytes];
        foreach (var path in fs.List(directory))
        {
            if (!WalFormat.TryParseName(path, out _)) continue;
            using var file = fs.OpenRead(path);
            var state = WalFileHeader.Read(header.AsSpan(0, file.Read(header, 0)), out var read);
            if (state == WalHeaderState.Good && read.StoreId == storeId && read.Follows <= sequence) return true;
        }

        return false;
    }

    private WalReplayResult Run()
    {
        var files = FindFiles();
        Tail? tail = null;
        for (var i = 0; i < files.Count; i++)
        {
            var file = files[i];
            if (file.Follows is { } follows && follows > last) AlarmGap(follows, file.Path, tail);
            tail = null;
            if (NextFollows(files, i) is { } next && next <= after)
            {
                if (file.Path.EndsWith(WalFormat.DamagedExtension, StringComparison.Ordinal))
                    Alarm($"Log file {file.Path} was set aside as damaged; all it held is sealed or lost. Delete it when it is no longer wanted.");
                continue;
            }

            tail = ReadFile(file, Cap(files, i));
        }

        SetAside();
        return new WalReplayResult(last, records, bytes, tornTails, alarms);
    }

    /// <summary>This store's files in order; alarms for the others.</summary>
    private List<LogFile> FindFiles()
    {
        var header = new byte[WalFormat.FileHeaderBytes];
        var files = new List<LogFile>();
        foreach (var path in fs.List(directory))
        {
            if (!WalFormat.TryParseName(path, out var first)) continue;
            using var file = fs.OpenRead(path);
            switch (WalFileHeader.Read(header.AsSpan(0, file.Read(header, 0)), out var read))
            {
                case WalHeaderState.OtherVersion:
                    Alarm($"Log file {path} is of a format version this build does not know; it is left alone and its records are not in the store.");
                    break;
                case WalHeaderState.Good when read.StoreId != storeId:
                    Alarm($"Log file {path} belongs to another store ({read.StoreId}); it is left alone.");
                    break;
                case WalHeaderState.Good:
                    files.Add(new LogFile(path, read.FirstSequence, read.Follows));
                    break;
                default:
                    files.Add(new LogFile(path, first, null));
                    break;
            }
        }

        files.Sort((left, right) => left.First.CompareTo(right.First));
        return files;
    }

    /// <summary>Records of file <paramref name="index"/> above this were never acknowledged, or are in a later file again.</summary>
    private static ulong Cap(List<LogFile> files, int index)
    {
        var cap = ulong.MaxValue;
        for (var i = index + 1; i < files.Count; i++) cap = Math.Min(cap, files[i].Follows ?? ulong.MaxValue);
        return cap;
    }

    private static ulong? NextFollows(List<LogFile> files, int index) => index + 1 < files.Count ? files[index + 1].Follows : null;

    /// <summary>Hands over the file's records; returns where its bad tail begins, if it has one.</summary>
    private Tail? ReadFile(LogFile info, ulong cap)
    {
        // No later file vouches for the last one's records: they were written, but perhaps never synced, or their sync failed and the system has forgotten that they are
        // not on disk. From now on a retry of them is answered as stored, so they are written once more, in place, and synced.
        if (cap < ulong.MaxValue)
        {
            using var vouched = fs.OpenRead(info.Path);
            return ReadRecords(info, vouched, cap, rewrite: false);
        }

        using var file = fs.Open(info.Path);
        var before = records;
        var tail = ReadRecords(info, file, cap, rewrite: true);
        if (records > before) file.Sync();
        return tail;
    }

    private Tail? ReadRecords(LogFile info, IFile file, ulong cap, bool rewrite)
    {
        using var reader = new WalFileReader(file, seed);
        var offset = (long)WalFormat.FileHeaderBytes;
        var headerBad = info.Follows is null;
        while (true)
        {
            var state = reader.TryRead(offset, out var header, out var payload);
            if (state == WalReadState.Good)
            {
                if (headerBad)
                {
                    MarkDamaged(info.Path, $"Log file {info.Path} has a damaged header at byte 0; its records are taken.");
                    headerBad = false;
                }

                if (rewrite && header.Sequence > last) file.Write(reader.Record(offset, header).Span, offset);
                Take(info.Path, offset, header, payload, cap);
                offset += header.RecordBytes;
                continue;
            }

            // A header with a right checksum tells its extent; otherwise every aligned place is tried.
            var from = state == WalReadState.BadPayload ? offset + header.RecordBytes : offset + 8;
            var found = FindNext(reader, from, cap);
            if (found < 0)
            {
                var first = reader.FirstNonZero(offset);
                if (first < 0) return new Tail(info.Path, offset);
                tornTails++;
                StorageLog.LogTornTail(logger, info.Path, offset);
                return new Tail(info.Path, offset);
            }

            headerBad = false;
            MarkDamaged(
                info.Path,
                $"Log file {info.Path} is damaged from byte {offset} to {found}: what was written there after record {last} is lost, unless it was a write cut short by a loss of power.");
            offset = found;
        }
    }

    private void Take(string path, long offset, in WalRecordHeader header, ReadOnlyMemory<byte> payload, ulong cap)
    {
        if (header.Sequence <= last || header.Sequence > cap) return;
        last = header.Sequence;
        if (header.Kind is not (WalFormat.KindBody or WalFormat.KindCarryOver))
        {
            Alarm($"Log file {path} has a record of unknown kind {header.Kind} at byte {offset}; it is not in the store.");
            return;
        }

        records++;
        bytes += payload.Length;
        onRecord(new WalRecord(
            header.Sequence,
            header.BodyKind,
            header.Codec,
            header.Reencoded,
            header.Tenant,
            header.ReceivedAt,
            header.Fingerprint,
            header.BodyLength,
            header.SpanCount,
            payload)
        {
            IsCarryOver = header.Kind == WalFormat.KindCarryOver,
        });
    }

    /// <summary>Offset of the next record that counts, or −1.</summary>
    private long FindNext(WalFileReader reader, long from, ulong cap)
    {
        for (var offset = from; (offset = reader.FirstNonZero(offset)) >= 0; offset += 8)
        {
            if (reader.TryRead(offset, out var header, out _) != WalReadState.Good) continue;
            if (header.Sequence > last && header.Sequence <= cap) return offset;
        }

        return -1;
    }

    private void AlarmGap(ulong follows, string path, Tail? tail)
    {
        var lost = follows == last + 1 ? $"Record {follows} is" : $"Records {last + 1} to {follows} are";
        if (tail is null) Alarm($"{lost} missing before log file {path}.");
        else MarkDamaged(tail.Path, $"{lost} missing between byte {tail.Offset} of log file {tail.Path} and log file {path}.");
    }

    private void MarkDamaged(string path, string alarm)
    {
        damaged.Add(path);
        Alarm(alarm);
    }

    private void Alarm(string alarm)
    {
        alarms.Add(alarm);
        StorageLog.LogReplayAlarm(logger, alarm);
    }

    private void SetAside()
    {
        var renamed = false;
        foreach (var path in damaged)
        {
            if (!path.EndsWith(WalFormat.Extension, StringComparison.Ordinal)) continue;
            fs.Rename(path, path[..^WalFormat.Extension.Length] + WalFormat.DamagedExtension);
            renamed = true;
        }

        if (renamed) fs.SyncDirectory(directory);
    }

    /// <param name="Follows">Null when the header can't be read.</param>
    private sealed record LogFile(string Path, ulong First, ulong? Follows);

    private sealed record Tail(string Path, long Offset);
}
