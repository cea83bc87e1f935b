// Time as the whole product speaks of it: nanoseconds, typed so that a unit can't be mistaken at a method boundary.
namespace Waymark.Model.Spans;

/// <summary>A point in time: nanoseconds since 1970-01-01T00:00Z, 0 to 2^63 − 1 (the year 2262).</summary>
public readonly record struct UnixNanos(long Value) : IComparable<UnixNanos>
{
    public static readonly UnixNanos Min = new(0);
    public static readonly UnixNanos Max = new(long.MaxValue);

    /// <summary>Now, by the injected clock.</summary>
    public static UnixNanos Now(TimeProvider time) => From(time.GetUtcNow());

    public static UnixNanos From(DateTimeOffset time) => new((time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) * 100);

    /// <summary>The same instant to the 100 ns that <see cref="DateTimeOffset"/> can hold.</summary>
    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.UnixEpoch.AddTicks(Value / 100);

    public int CompareTo(UnixNanos other) => Value.CompareTo(other.Value);

    /// <summary>Never negative: a span that ends before it starts lasts 0 in every answer, though both times are kept as sent.</summary>
    public static DurationNanos operator -(UnixNanos end, UnixNanos start) => new(Math.Max(0, end.Value - start.Value));
    public static UnixNanos operator +(UnixNanos start, DurationNanos duration) => new(start.Value + duration.Value);
    public static bool operator <(UnixNanos left, UnixNanos right) => left.Value < right.Value;
    public static bool operator <=(UnixNanos left, UnixNanos right) => left.Value <= right.Value;
    public static bool operator >(UnixNanos left, UnixNanos right) => left.Value > right.Value;
    public static bool operator >=(UnixNanos left, UnixNanos right) => left.Value >= right.Value;
}

/// <summary>A length of time in nanoseconds. Never negative.</summary>
public readonly record struct DurationNanos(long Value) : IComparable<DurationNanos>
{
    public int CompareTo(DurationNanos other) => Value.CompareTo(other.Value);

    public static bool operator <(DurationNanos left, DurationNanos right) => left.Value < right.Value;
    public static bool operator <=(DurationNanos left, DurationNanos right) => left.Value <= right.Value;
    public static bool operator >(DurationNanos left, DurationNanos right) => left.Value > right.Value;
    public static bool operator >=(DurationNanos left, DurationNanos right) => left.Value >= right.Value;
}

/// <summary>A half-open range [From, To). A <paramref name="To"/> of <see cref="UnixNanos.Max"/> is no bound at all, so that the full range has the last nanosecond in it, too.</summary>
public readonly record struct TimeRange(UnixNanos From, UnixNanos To)
{
    public static readonly TimeRange All = new(UnixNanos.Min, UnixNanos.Max);

    public bool Contains(UnixNanos time) => time >= From && !EndsBefore(time);

    /// <summary>A time is beyond the upper end.</summary>
    public bool EndsBefore(UnixNanos time) => time >= To && To != UnixNanos.Max;
}
