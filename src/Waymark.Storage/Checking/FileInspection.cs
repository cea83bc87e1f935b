// Which kind of file is this, and what is in it. `waymark inspect` is this and its presentation. Files are opened for reading only; no lock is taken, so a running server is not in the way.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Waymark.Model.Bodies;
using Waymark.Model.Spans;
using Waymark.Storage.FileSystem;
using Waymark.Storage.Segments;
using Waymark.Storage.Wal;

namespace Waymark.Storage.Checking;

/// <summary>Inspects one file of any kind.</summary>
internal static class FileInspection
{
    /// <summary>Records listed of a log: its end, where a crash or a sender shows.</summary>
    private const int LastRecords = 20;

    /// <summary>Edits listed of a manifest.</summary>
    private const int LastEdits = 20;

    public static InspectedFile Run(IFileSystem given, string path, string? column, CancellationToken cancellation)
    {
        var files = new ReadOnlyFileSystem(given);
        try
        {
            if (!files.Exists(path)) throw new CheckImpossibleException($"There is no file {path}.");
            var kind = KindOf(files, path);
            if (column is not null && kind != "segment") throw new CheckImpossibleException($"{path} is no segment: only segments have columns with pages.");
            return kind switch
            {
                "segment" => new SegmentInspection(files, path, column, cancellation).Run(),
                "log" => Log(files, path),
                "manifest" => Manifest(files, path),
                "services" => Services(files, path),
                "lock" => Lock(files, path),
                _ => throw new CheckImpossibleException($"{path} is none of a store's files: it has neither their content nor their name."),
            };
        }
        catch (IOException unreadable) when (unreadable is not CheckImpossibleException)
        {
            throw new CheckImpossibleException(unreadable.Message, unreadable);
        }
    }

    public static string Time(UnixNanos at) => at.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>What manifests and log files have behind their magic; only of those whose header has a right checksum.</summary>
    private static string Version(ReadOnlyFileSystem files, string path)
    {
        using var file = files.OpenRead(path);
        var version = new byte[4];
        file.Read(version, 8);
        return string.Create(CultureInfo.InvariantCulture, $"{BinaryPrimitives.ReadUInt16LittleEndian(version)}.{BinaryPrimitives.ReadUInt16LittleEndian(version.AsSpan(2))}");
    }

    /// <summary>By its first bytes; when those are damaged, by its name.</summary>
    private static string KindOf(ReadOnlyFileSystem files, string path)
    {
        using var file = files.OpenRead(path);
        Span<byte> magic = stackalloc byte[8];
        var start = magic[..file.Read(magic, 0)];
        if (start.SequenceEqual(SegmentFormat.HeaderMagic)) return "segment";
        if (start.SequenceEqual("WAYMWAL\n"u8)) return "log";
        if (start.SequenceEqual("WAYMMAN\n"u8)) return "manifest";
        var name = Path.GetFileName(path);
        if (name.Contains(StorePaths.SegmentExtension, StringComparison.Ordinal)) return "segment";
        if (name.Contains(WalFormat.Extension, StringComparison.Ordinal)) return "log";
        if (name.StartsWith(Catalog.Catalog.FileName, StringComparison.Ordinal)) return "manifest";
        if (name == StoreLock.FileName) return "lock";
        return name == "services" || ServicesScan.Read(files, path).Version is not null ? "services" : "";
    }

    private static InspectedFile Manifest(ReadOnlyFileSystem files, string path)
    {
        var scan = ManifestScan.Read(files, path);
        var built = new InspectedFileBuilder(path, "manifest", scan.Length);
        built.Fact("version", "format version", scan.HasHeader ? Version(files, path) : "unreadable");
        built.Fact("storeId", "store id", scan.IsLost ? "unreadable" : scan.StoreId.ToString());
        if (scan.HasHeader) built.Fact("created", "store made (UTC)", Time(scan.Created));
        var segments = scan.State.Segments;
        built.Fact("segments", "segments", segments.Length);
        built.Fact("segmentBytes", "their bytes", segments.Sum(s => s.Bytes), InspectedKind.Bytes);
        built.Fact("spans", "their spans", segments.Sum(s => s.Spans));
        built.Fact("traces", "their traces", segments.Sum(s => s.Traces));
        built.Fact("logCovered", "log covered up to record", (long)scan.State.LogCovered);
        if (scan.State.LogCarried > scan.State.LogCovered) built.Fact("logCarried", "carried over in record", (long)scan.State.LogCarried);
        built.Fact("nextSegmentId", "next segment id", scan.State.NextSegmentId.ToString("x16", CultureInfo.InvariantCulture));
        built.Fact("retries", "retry fingerprints", scan.State.ReadRetries().Count);
        built.Fact("edits", "edits", scan.Records.Count);
        built.Table("segments", "segments",
            [
                new("id", "segment", InspectedKind.Text), new("bytes", "bytes", InspectedKind.Bytes), new("spans", "spans", InspectedKind.Number), new("traces", "traces", InspectedKind.Number),
                new("bytesPerSpan", "B/span", InspectedKind.Ratio), new("tenant", "tenant", InspectedKind.Number),
                new("minStart", "starts from (UTC)", InspectedKind.Text, IsDetail: true), new("maxStart", "to", InspectedKind.Text, IsDetail: true),
                new("minReceived", "received from", InspectedKind.Text, IsDetail: true), new("maxReceived", "to", InspectedKind.Text, IsDetail: true),
            ],
            [
                .. segments.Select(s => new InspectedValue[]
                {
                    s.Id.ToString("x16", CultureInfo.InvariantCulture), s.Bytes, s.Spans, s.Traces, s.Spans == 0 ? 0.0 : (double)s.Bytes / s.Spans, s.Tenant,
                    Time(s.MinStart), Time(s.MaxStart), Time(s.MinReceived), Time(s.MaxReceived),
                }),
            ]);
        built.Table("edits", scan.Records.Count > LastEdits ? $"last {LastEdits} edits" : "edits",
            [new("number", "edit", InspectedKind.Number), new("offset", "offset", InspectedKind.Number), new("bytes", "bytes", InspectedKind.Bytes), new("items", "what", InspectedKind.Text)],
            [.. scan.Records.TakeLast(LastEdits).Select(r => new InspectedValue[] { (long)r.Number, r.Offset, r.Bytes, r.Items })]);
        if (!scan.HasHeader) built.Findings.Damage(path, 0, "the header is damaged", Remedies.ManifestDamaged);
        foreach (var range in scan.Damaged) built.Findings.Damage(path, range.From, $"no edit can be read up to byte {range.To}", Remedies.ManifestDamaged);
        foreach (var (offset, expected, found) in scan.Gaps) built.Findings.Damage(path, offset, $"edit {found} where {expected} is due", Remedies.ManifestDamaged);
        foreach (var (_, what) in scan.NotUnderstood) built.Findings.Newer(path, what);
        if (scan.End < scan.Length) built.Findings.Notice(path, scan.End, $"{scan.Length - scan.End} bytes after the last edit that are none");
        return built.Build();
    }

    private static InspectedFile Log(ReadOnlyFileSystem files, string path)
    {
        var scan = LogScan.Read(files, path, StoreIdBeside(files, path));
        var built = new InspectedFileBuilder(path, "log", scan.Length);
        var isGood = scan.HeaderState == WalHeaderState.Good;
        built.Fact("version", "format version", scan.HeaderState == WalHeaderState.OtherVersion ? "another major version" : isGood ? Version(files, path) : "unreadable");
        if (isGood)
        {
            built.Fact("storeId", "store id", scan.Header.StoreId.ToString());
            built.Fact("created", "made (UTC)", Time(scan.Header.CreatedAt));
            built.Fact("firstSequence", "first record", (long)scan.Header.FirstSequence);
            built.Fact("follows", "follows record", (long)scan.Header.Follows);
        }
        built.Fact("records", "records", scan.Records.Count);
        if (scan.Records.Count > 0)
        {
            built.Fact("lastSequence", "last record", (long)scan.Records[^1].Header.Sequence);
            built.Fact("receivedFrom", "received from (UTC)", Time(new UnixNanos(scan.Records.Min(r => r.Header.ReceivedAt.Value))));
            built.Fact("receivedTo", "received to (UTC)", Time(new UnixNanos(scan.Records.Max(r => r.Header.ReceivedAt.Value))));
        }
        built.Fact("spans", "spans", scan.Records.Sum(r => (long)r.Header.SpanCount));
        built.Fact("usedBytes", "bytes in use", scan.End, InspectedKind.Bytes);
        built.Table("bodies", "bodies",
            [
                new("kind", "body", InspectedKind.Text), new("codec", "codec", InspectedKind.Text), new("records", "records", InspectedKind.Number), new("spans", "spans", InspectedKind.Number),
                new("bytes", "payload", InspectedKind.Bytes), new("bytesPerSpan", "B/span", InspectedKind.Ratio),
            ],
            [.. scan.Records.GroupBy(r => (Body: BodyWord(r.Header), r.Header.Codec)).OrderByDescending(g => g.Sum(r => (long)r.Header.PayloadLength)).Select(BodyRow)]);
        built.Table("records", scan.Records.Count > LastRecords ? $"last {LastRecords} records" : "records",
            [
                new("sequence", "record", InspectedKind.Number), new("offset", "offset", InspectedKind.Number), new("kind", "body", InspectedKind.Text), new("codec", "codec", InspectedKind.Text),
                new("spans", "spans", InspectedKind.Number), new("bytes", "payload", InspectedKind.Bytes), new("received", "received (UTC)", InspectedKind.Text),
            ],
            [.. scan.Records.TakeLast(LastRecords).Select(r => new InspectedValue[] { (long)r.Header.Sequence, r.Offset, BodyWord(r.Header), r.Header.Codec.ToString().ToLowerInvariant(), r.Header.SpanCount, r.Header.PayloadLength, Time(r.Header.ReceivedAt) })]);
        if (scan.HeaderState == WalHeaderState.Unreadable) built.Findings.Damage(path, 0, "the header can't be read", Remedies.LogDamaged);
        if (scan.HeaderState == WalHeaderState.OtherVersion) built.Findings.Newer(path, "the log file's format version");
        foreach (var range in scan.Damaged) built.Findings.Damage(path, range.From, $"no record can be read up to byte {range.To}", Remedies.LogDamaged);
        if (scan.Tail is { } tail) built.Findings.Notice(path, tail.From, $"{tail.To - tail.From} bytes after the last record that are none: a write that was not finished, or the last record is damaged");
        return built.Build();
    }

    private static InspectedValue[] BodyRow(IGrouping<(string Body, BodyCodec Codec), LogRecord> group)
    {
        var (spans, bytes) = (group.Sum(r => (long)r.Header.SpanCount), group.Sum(r => (long)r.Header.PayloadLength));
        return [group.Key.Body, group.Key.Codec.ToString().ToLowerInvariant(), group.Count(), spans, bytes, spans == 0 ? 0.0 : (double)bytes / spans];
    }

    private static string BodyWord(in WalRecordHeader header)
    {
        if (header.Kind == WalFormat.KindCarryOver) return "carry-over";
        if (header.Kind != WalFormat.KindBody) return $"record kind {header.Kind}";
        var body = header.BodyKind switch { BodyKind.OtlpProtobuf => "OTLP protobuf", BodyKind.OtlpJson => "OTLP JSON", _ => $"body kind {(byte)header.BodyKind}" };
        return header.Reencoded ? body + ", re-encoded" : body;
    }

    /// <summary>The id that the records of a log file with a damaged header are told by: the manifest's, where it lies in its place.</summary>
    private static Guid? StoreIdBeside(ReadOnlyFileSystem files, string path)
    {
        var manifest = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(path)) ?? "", Catalog.Catalog.FileName);
        if (LogScan.ReadHeader(files, path).HeaderState == WalHeaderState.Good || !files.Exists(manifest)) return null;
        try
        {
            return ManifestScan.Read(files, manifest) is { IsLost: false } scan ? scan.StoreId : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static InspectedFile Services(ReadOnlyFileSystem files, string path)
    {
        var scan = ServicesScan.Read(files, path);
        var built = new InspectedFileBuilder(path, "services", scan.Length);
        built.Fact("version", "format version", scan.Version?["WAYSERV ".Length..] ?? "unreadable");
        built.Fact("services", "services", scan.Names.Count);
        built.Table("services", "services", [new("number", "number", InspectedKind.Number), new("name", "service", InspectedKind.Text)], [.. scan.Names.Select((name, n) => new InspectedValue[] { n, name })]);
        if (scan.IsForeign) built.Findings.Damage(path, 0, "not a list of services that this version can read, or its first line is damaged", Remedies.Services);
        else if (scan.IsDamaged) built.Findings.Damage(path, scan.End, "a line that can't be read", Remedies.Services);
        else if (scan.End < scan.Length) built.Findings.Notice(path, scan.End, "an unfinished last line");
        return built.Build();
    }

    private static InspectedFile Lock(ReadOnlyFileSystem files, string path)
    {
        using var file = files.OpenRead(path);
        var bytes = new byte[Math.Min(20, file.Length)];
        var built = new InspectedFileBuilder(path, "lock", file.Length);
        built.Fact("process", "process noted", Encoding.ASCII.GetString(bytes.AsSpan(0, file.Read(bytes, 0))));
        built.Findings.Notice(path, null, "what the file says means nothing unless that process holds a lock on it; `waymark verify` tells");
        return built.Build();
    }
}
