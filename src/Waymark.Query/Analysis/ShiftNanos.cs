// How far a clock is off: the one signed length of time.
namespace Waymark.Query.Analysis;

/// <summary>A signed length of time in nanoseconds: what to add to a time by one clock to have it by another.</summary>
public readonly record struct ShiftNanos(long Value);
