// The answer of a measurement in the making: what was counted per group, under the group's text.
using System.Runtime.InteropServices;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Storage.Scanning.Measuring;

/// <summary>Counts and durations by key. Not thread-safe: each worker has its own, and they are merged.</summary>
/// <param name="memory">Counts what the groups take.</param>
internal sealed class GroupSums(bool hasDurations, QueryMemory memory)
{
    /// <summary>Of a group and its place in the table, text and counts apart.</summary>
    private const int GroupBytes = 128;

    private readonly Dictionary<string, Sum> byKey = new(StringComparer.Ordinal);
    private Sum? keyless;

    /// <summary>Of groups met when there were <see cref="SpanMeasurement.KeptGroups"/> already.</summary>
    private Sum? beyond;

    /// <summary>Counts spans of a group.</summary>
    /// <param name="durations">Null when durations are not wanted.</param>
    public void Add(string? key, long count, DurationHistogram? durations)
    {
        var sum = Of(key);
        var before = sum.Bytes;
        sum.Count += count;
        if (durations is not null) sum.Durations!.Merge(durations);
        memory.Take(sum.Bytes - before);
    }

    /// <summary>Counts one span of a group.</summary>
    public void Add(string? key, DurationNanos duration)
    {
        var sum = Of(key);
        sum.Count++;
        if (sum.Durations is not { } durations) return;
        var before = sum.Bytes;
        durations.Add(duration);
        memory.Take(sum.Bytes - before);
    }

    /// <summary>The group's sum, to be added to.</summary>
    public Sum Of(string? key)
    {
        if (key is null) return keyless ??= new Sum(hasDurations);
        if (byKey.Count >= SpanMeasurement.KeptGroups && !byKey.ContainsKey(key)) return beyond ??= new Sum(hasDurations);
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(byKey, key, out var isKnown);
        if (isKnown) return sum!;
        memory.Take(GroupBytes + (key.Length * sizeof(char)));
        return sum = new Sum(hasDurations);
    }

    public void Merge(GroupSums other)
    {
        foreach (var (key, sum) in other.byKey) Add(key, sum.Count, sum.Durations);
        if (other.keyless is not null) Add(null, other.keyless.Count, other.keyless.Durations);
        if (other.beyond is not null) (beyond ??= new Sum(hasDurations)).Add(other.beyond);
    }

    public SpanMeasurement Build(SpanMeasure measure, bool isPartial)
    {
        var groups = byKey.Select(g => g.Value.ToGroup(g.Key)).Where(g => g.Count > 0).ToList();
        if (measure.By is null) keyless ??= new Sum(hasDurations);
        if (keyless is not null && (keyless.Count > 0 || measure.By is null)) groups.Add(keyless.ToGroup(null));
        groups.Sort(static (a, b) => a.Count != b.Count ? b.Count.CompareTo(a.Count) : string.CompareOrdinal(a.Key, b.Key));
        foreach (var group in groups.Skip(Math.Max(0, measure.MaxGroups))) (beyond ??= new Sum(hasDurations)).Add(group);
        return new SpanMeasurement([.. groups.Take(measure.MaxGroups)], beyond?.ToGroup(null), isPartial);
    }

    /// <summary>One group.</summary>
    internal sealed class Sum(bool hasDurations)
    {
        public long Count { get; set; }
        /// <summary>Bytes of memory that the durations' counts take.</summary>
        public long Bytes => Durations?.Bytes ?? 0;

        public DurationHistogram? Durations { get; } = hasDurations ? new DurationHistogram() : null;

        public void Add(Sum other) => Add(other.ToGroup(null));

        public void Add(MeasuredGroup group)
        {
            Count += group.Count;
            if (group.Durations is not null) Durations!.Merge(group.Durations);
        }

        public MeasuredGroup ToGroup(string? key) => new(key, Count, Durations);
    }
}
