// The log's files against each other and against the manifest: what the next start would take, and what it would miss. The rules are WalReplay's (docs/formats/wal.md, "Reading").
using System.Runtime.CompilerServices;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Spans;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Sealing;
using Waymark.Storage.Wal;

namespace Waymark.Storage.Checking;

/// <summary>Checks every log file of a store in the order in which a start reads them.</summary>
/// <param name="covered">Records up to here are in segments; null when no manifest says so, and the log is checked by itself.</param>
/// <param name="carried">The carry-over record that the manifest names; 0 for none.</param>
/// <param name="coveredNow">What the manifest says of <paramref name="covered"/> at the moment it is asked; null when no server runs, and nothing changes.</param>
internal sealed class LogCheck(IFileSystem files, Guid storeId, ulong? covered, ulong carried, Func<ulong>? coveredNow, IBodyDecoder decoder, Findings findings)
{
    private ulong last = covered ?? 0;
    private bool isCarriedFound;

    /// <summary>Records above the mark, and their spans.</summary>
    public long Records { get; private set; }

    public long Spans { get; private set; }

    /// <summary>The carry-over record that counts is in no file.</summary>
    public bool IsCarriedMissing { get; private set; }

    /// <summary>Files that have a log file's name, in the order of their first sequences, oldest first.</summary>
    /// <param name="isRunning">A server seals meanwhile: files may go.</param>
    public static List<LogScan> Order(IFileSystem files, IEnumerable<string> paths, bool isRunning, Findings findings)
    {
        var scans = new List<LogScan>();
        foreach (var path in paths)
        {
            if (!WalFormat.TryParseName(path, out _)) continue;
            SegmentCheck.Guard(findings, path, "", Remedies.LogDamaged, () =>
            {
                try
                {
                    scans.Add(LogScan.ReadHeader(files, path));
                }
                catch (IOException) when (isRunning && !files.Exists(path))
                {
                    // Sealed since it was listed.
                }
            });
        }
        scans.Sort((a, b) => a.FirstSequence.CompareTo(b.FirstSequence));
        return scans;
    }

    /// <summary>Checks the files. While a server runs the last one is left out, which it is writing to; and what it has sealed since, it may have deleted.</summary>
    public void Run(List<LogScan> headers, Action<string, long> onFile)
    {
        var isLastOpen = coveredNow is not null;
        var own = headers.FindAll(IsOwn);
        if (covered is null && own.Count > 0) last = own[0].Follows ?? 0;
        LogScan? before = null;
        for (var i = 0; i < own.Count; i++)
        {
            if (own[i].Follows is { } follows && follows > last && !IsSealedMeanwhile(follows)) TellGap(follows, own[i], before);
            before = null;
            if (isLastOpen && i == own.Count - 1) continue;
            onFile(own[i].Path, own[i].Length);
            var cap = ulong.MaxValue;
            for (var later = i + 1; later < own.Count; later++) cap = Math.Min(cap, own[later].Follows ?? ulong.MaxValue);
            // All that such a file holds is in segments: a start does not read it.
            var isSealed = i + 1 < own.Count && own[i + 1].Follows <= (covered ?? 0);
            var path = own[i].Path;
            SegmentCheck.Guard(findings, path, "", Remedies.LogDamaged, () =>
            {
                try
                {
                    before = CheckFile(path, cap, isSealed);
                }
                catch (IOException) when (coveredNow is not null && !files.Exists(path))
                {
                    // Whether it should have gone, the next file's gap tells.
                }
            });
        }
        IsCarriedMissing = carried > (covered ?? 0) && !isCarriedFound && !isLastOpen;
    }

    /// <summary>True when a running server has put everything up to a sequence into segments since the manifest was read.</summary>
    private bool IsSealedMeanwhile(ulong sequence)
    {
        if (coveredNow is null) return false;
        last = Math.Max(last, coveredNow());
        return sequence <= last;
    }

    /// <summary>Files that a start would not touch are told of and left out.</summary>
    private bool IsOwn(LogScan file)
    {
        if (file.HeaderState == WalHeaderState.OtherVersion)
        {
            findings.Newer(file.Path, "the log file's format version; its records are not in the store");
            return false;
        }
        if (file.HeaderState != WalHeaderState.Good || file.Header.StoreId == storeId) return true;
        findings.Damage(file.Path, 16, $"a log file of another store ({file.Header.StoreId})", Remedies.Foreign);
        return false;
    }

    private LogScan CheckFile(string path, ulong cap, bool isSealed)
    {
        var counting = new List<long>();
        var scan = LogScan.Read(files, path, storeId, (in LogRecord record, ReadOnlyMemory<byte> payload) =>
        {
            if (record.Header.Sequence <= last || record.Header.Sequence > cap) return;
            last = record.Header.Sequence;
            counting.Add(record.Offset);
            Records++;
            CheckRecord(path, record, payload);
        });
        if (path.EndsWith(WalFormat.DamagedExtension, StringComparison.Ordinal))
            findings.Notice(path, null, "set aside as damaged at an earlier start; what can be read of it is taken at each start", "Delete it when nobody wants to look into it any more.");
        if (scan.HeaderState == WalHeaderState.Good && scan.Header.FirstSequence != scan.NamedSequence)
            findings.Damage(path, 32, $"the file begins with record {scan.Header.FirstSequence}, its name says {scan.NamedSequence}", "Rename it by the first record, in 16 hexadecimal digits, with the server stopped.");
        if (scan.HeaderState == WalHeaderState.Unreadable)
        {
            if (scan.Records.Count > 0 && !isSealed) findings.Damage(path, 0, "the header is damaged; the records can be read", Remedies.LogDamaged);
            else findings.Notice(path, 0, "the header can't be read: the file was never finished, or all it held is in segments");
        }
        foreach (var range in scan.Damaged) TellRange(path, range, counting.Exists(offset => offset >= range.To));
        foreach (var offset in scan.Padding) findings.Notice(path, offset, "padding that is not zero; nothing is lost by it");
        if (scan.Tail is { } tail) findings.Notice(path, tail.From, $"{tail.To - tail.From} bytes after the last record that are none: a write that was not finished, as a crash leaves it, and never acknowledged; or the last record is damaged");
        return scan;
    }

    private void TellRange(string path, ByteRange range, bool isFollowed)
    {
        if (isFollowed) findings.Damage(path, range.From, $"no record can be read up to byte {range.To}: what was written there is lost, unless it was a write cut short by a loss of power", Remedies.LogDamaged);
        else findings.Notice(path, range.From, $"no record can be read up to byte {range.To}; what follows is in segments, or was never acknowledged");
    }

    private void TellGap(ulong follows, LogScan file, LogScan? before)
    {
        var lost = follows == last + 1 ? $"record {follows} is missing" : $"records {last + 1} to {follows} are missing";
        if (before is null) findings.Damage(file.Path, null, $"{lost} before this file", Remedies.LogDamaged);
        else findings.Damage(before.Path, before.End, $"{lost} between here and {Path.GetFileName(file.Path)}", Remedies.LogDamaged);
        last = follows;
    }

    /// <summary>The body decodes to as many spans as it was written with.</summary>
    private void CheckRecord(string path, in LogRecord record, ReadOnlyMemory<byte> payload)
    {
        var header = record.Header;
        if (header.Kind == WalFormat.KindCarryOver)
        {
            // Its spans are copies of earlier records' until the manifest says that they count.
            if (header.Sequence == carried)
            {
                isCarriedFound = true;
                Spans += header.SpanCount;
            }
            var counted = new NowhereSink(new StrongBox<long>());
            if (!CarryPayload.TryRead(payload.Span, ref counted, static (_, _) => { }) || counted.Spans != header.SpanCount)
                findings.Damage(path, record.Offset, $"record {header.Sequence}, a carry-over of {header.SpanCount} spans, has a right checksum and does not read back", Remedies.Contradiction);
            return;
        }
        if (header.Kind != WalFormat.KindBody)
        {
            findings.Newer(path, $"record {header.Sequence} of kind {header.Kind}, at offset {record.Offset}");
            return;
        }
        Spans += header.SpanCount;
        using var plain = new PooledBuffer();
        var body = payload;
        if (header.Codec == BodyCodec.Gzip)
        {
            if (Gzip.Decompress(payload, header.BodyLength, plain) != GzipOutcome.Ok)
            {
                findings.Damage(path, record.Offset, $"record {header.Sequence} has a right checksum and a gzip body that can't be read; its {header.SpanCount} spans are lost", Remedies.Contradiction);
                return;
            }
            body = plain.WrittenMemory;
        }
        var report = default(DecodeReport);
        var sink = default(NowhereSink);
        decoder.Decode(header.BodyKind, body.Span, SpanLimits.None, ref sink, ref report);
        if (report.IsMalformed || report.Accepted != header.SpanCount)
            findings.Damage(path, record.Offset, $"record {header.Sequence} was written with {header.SpanCount} spans and reads back with {(report.IsMalformed ? 0 : report.Accepted)}", Remedies.Contradiction);
    }

    /// <summary>Takes spans and forgets them: only the decoder's own count is wanted.</summary>
    private readonly struct NowhereSink(StrongBox<long>? spans) : ISpanSink
    {
        private readonly StrongBox<long>? spans = spans;

        /// <summary>How many came, where they are counted.</summary>
        public long Spans => spans?.Value ?? 0;

        public bool TryEnterResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => false;

        public void BeginResource()
        {
        }

        public void EndResource(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, uint droppedAttributes)
        {
        }

        public bool TryEnterScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl) => false;

        public void BeginScope()
        {
        }

        public void EndScope(scoped ReadOnlySpan<byte> identity, scoped ReadOnlySpan<byte> schemaUrl, scoped in ScopeFields scope)
        {
        }

        public void BeginSpan()
        {
        }

        public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value)
        {
        }

        public bool TryAttribute(scoped ReadOnlySpan<byte> window, int length) => false;

        public void Attribute(scoped ReadOnlySpan<byte> key, scoped in AttributeValue value, scoped ReadOnlySpan<byte> window, int length)
        {
        }

        public void BeginEvent()
        {
        }

        public void EndEvent(scoped in EventFields @event)
        {
        }

        public void BeginLink()
        {
        }

        public void EndLink(scoped in LinkFields link)
        {
        }

        public void EndSpan(scoped in SpanFields span)
        {
            if (spans is not null) spans.Value++;
        }

        public void AbandonSpan()
        {
        }
    }
}
