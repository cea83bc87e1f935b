// How often each operation occurs in a segment, counted while its spans go by.
using Waymark.Model.Spans;

namespace Waymark.Storage.Sealing;

/// <summary>Counts by (context, name, kind). Spans of one kind come in flocks, so most are found by a glance at the place their key hashes to.</summary>
internal sealed class OperationCounts
{
    private const int Places = 1024;
    private readonly Dictionary<long, int> indexes = [];
    private readonly List<Operation> operations = [];
    private readonly long[] recentKeys = new long[Places];
    private readonly Operation?[] recent = new Operation?[Places];

    public IReadOnlyList<Operation> All => operations;

    public void Add(int context, int name, SpanKind kind, long start)
    {
        // One number to look up by: contexts are far fewer than 2^23.
        var key = ((long)context << 40) | ((long)(uint)name << 8) | (byte)kind;
        var place = (int)((ulong)(key * unchecked((long)0x9E37_79B9_7F4A_7C15)) >> 54);
        var operation = recentKeys[place] == key ? recent[place] : null;
        if (operation is null)
        {
            recentKeys[place] = key;
            recent[place] = operation = Find(key, context, name, kind);
        }
        operation.Spans++;
        if (start > operation.Newest) operation.Newest = start;
    }

    private Operation Find(long key, int context, int name, SpanKind kind)
    {
        if (indexes.TryGetValue(key, out var index)) return operations[index];
        indexes[key] = operations.Count;
        var made = new Operation(context, name, kind);
        operations.Add(made);
        return made;
    }

    /// <summary>One operation; context and name are the segment's.</summary>
    internal sealed class Operation(int context, int name, SpanKind kind)
    {
        public int Context { get; } = context;
        public int Name { get; } = name;
        public SpanKind Kind { get; } = kind;
        public long Spans { get; set; }

        /// <summary>Start of the newest span.</summary>
        public long Newest { get; set; }
    }
}
