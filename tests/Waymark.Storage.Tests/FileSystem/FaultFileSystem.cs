// Fails, fills up, tears or stops at the n-th change of a disk: the instrument of every anomaly test.
using Waymark.Storage.FileSystem;

namespace Waymark.Storage.Tests.FileSystem;

/// <summary>What happens at the armed operation.</summary>
internal enum Fault
{
    None,

    /// <summary>Nothing is done, <see cref="IOException"/>. A failed sync loses the file's unsynced changes for good.</summary>
    Fail,

    /// <summary>Nothing is done, <see cref="DiskFullException"/>.</summary>
    DiskFull,

    /// <summary>A write is done in part, anything else not, <see cref="IOException"/>.</summary>
    Tear,

    /// <summary>As <see cref="Tear"/>, and the process is gone: this and every later call throws <see cref="SimulatedCrashException"/>.</summary>
    Crash,
}

/// <summary>The process would not exist any more.</summary>
internal sealed class SimulatedCrashException() : IOException("The process has crashed (simulated).");

/// <summary>
/// A <see cref="MemoryFileSystem"/> with a counter on every changing operation (create, write, set length, sync, rename, delete, directory sync) and a fault at one of them.
/// <code>var fs = new FaultFileSystem(); fs.Arm(17, Fault.Crash); …work…; var after = fs.PowerCut(luck);</code>
/// </summary>
internal sealed class FaultFileSystem(MemoryFileSystem? disk = null, int seed = 1) : IFileSystem
{
    private readonly Lock gate = new();
    private readonly Random random = new(seed);
    private Fault fault;
    private int faultAt;
    private int faultTimes;

    public MemoryFileSystem Disk { get; } = disk ?? new MemoryFileSystem();

    /// <summary>Changing operations so far, failed ones included.</summary>
    public int Operations { get; private set; }

    /// <summary>File syncs so far.</summary>
    public int Syncs { get; private set; }

    public bool Crashed { get; private set; }

    /// <summary>Runs before each changing operation, outside the lock, with its name and path; may block.</summary>
    public Action<string, string>? Before { get; set; }

    /// <summary>Lets the operations from <paramref name="operation"/> (1 is the next one of a fresh instance) on go wrong, <paramref name="times"/> of them.</summary>
    public void Arm(int operation, Fault kind, int times = 1)
    {
        lock (gate) (faultAt, fault, faultTimes) = (operation, kind, times);
    }

    /// <summary>The disk after a loss of power: only what was durable, or with <paramref name="luck"/> any part of the rest.</summary>
    public FaultFileSystem PowerCut(Random? luck = null) => new(Disk.PowerCut(luck), seed);

    /// <summary>The disk after the process ended: everything written.</summary>
    public FaultFileSystem Restart() => new(Disk.Restart(), seed);

    public void CreateDirectory(string path) => Disk.CreateDirectory(path);

    public IReadOnlyList<string> List(string directory) => Alive(() => Disk.List(directory));

    public bool Exists(string path) => Alive(() => Disk.Exists(path));

    public IFile Create(string path, long preallocate = 0)
    {
        IFile? file = null;
        Change("create", path, () => file = Disk.Create(path, preallocate));
        return new FaultFile(this, file!);
    }

    public IFile Open(string path) => new FaultFile(this, Alive(() => Disk.Open(path)));

    public IFile OpenRead(string path) => new FaultFile(this, Alive(() => Disk.OpenRead(path)));

    public void Rename(string from, string to) => Change("rename", from, () => Disk.Rename(from, to));

    public void Delete(string path) => Change("delete", path, () => Disk.Delete(path));

    public void SyncDirectory(string path) => Change("sync directory", path, () => Disk.SyncDirectory(path));

    public (long Free, long Total) Space(string directory) => Alive(() => Disk.Space(directory));

    private T Alive<T>(Func<T> read)
    {
        lock (gate)
        {
            if (Crashed) throw new SimulatedCrashException();
            return read();
        }
    }

    private void Change(string what, string path, Action action, Action? part = null, Action? onFailure = null)
    {
        Before?.Invoke(what, path);
        lock (gate)
        {
            if (Crashed) throw new SimulatedCrashException();
            Operations++;
            if (what == "sync") Syncs++;
            var hit = fault != Fault.None && Operations >= faultAt && Operations - faultAt < faultTimes;
            switch (hit ? fault : Fault.None)
            {
                case Fault.None:
                    action();
                    return;
                case Fault.DiskFull:
                    onFailure?.Invoke();
                    throw new DiskFullException($"Injected: no room to {what} {path} (operation {Operations}).");
                case Fault.Fail:
                    onFailure?.Invoke();
                    throw new IOException($"Injected: {what} {path} failed (operation {Operations}).");
                case Fault.Tear:
                    part?.Invoke();
                    onFailure?.Invoke();
                    throw new IOException($"Injected: {what} {path} failed half-way (operation {Operations}).");
                default:
                    part?.Invoke();
                    Crashed = true;
                    throw new SimulatedCrashException();
            }
        }
    }

    private sealed class FaultFile(FaultFileSystem fs, IFile file) : IFile
    {
        public string Path => file.Path;

        public long Length => fs.Alive(() => file.Length);

        public int Read(Span<byte> buffer, long offset)
        {
            if (fs.Crashed) throw new SimulatedCrashException();
            return file.Read(buffer, offset);
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset) => Write([bytes.ToArray()], offset);

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset) =>
            fs.Change("write", Path, () => file.Write(buffers, offset), () => WritePart(buffers, offset));

        public void SetLength(long length) => fs.Change("set length", Path, () => file.SetLength(length));

        public void Sync() => fs.Change("sync", Path, file.Sync, onFailure: () => fs.Disk.LoseChanges(Path));

        public void Dispose() => file.Dispose();

        /// <summary>Some first part of the bytes: cut anywhere, or at a sector.</summary>
        private void WritePart(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
        {
            var all = buffers.SelectMany(buffer => buffer.ToArray()).ToArray();
            var count = fs.random.Next(all.Length + 1);
            if (fs.random.Next(2) == 0) count = (int)Math.Min(all.Length, Math.Max(0, ((offset + count) / MemoryFileSystem.SectorBytes * MemoryFileSystem.SectorBytes) - offset));
            file.Write(all.AsSpan(0, count), offset);
        }
    }
}
