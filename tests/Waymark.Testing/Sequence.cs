// A list that compares by its elements, so that naive spans are equal exactly when everything in them is.
using System.Collections;
using System.Runtime.CompilerServices;

namespace Waymark.Testing;

/// <summary>An immutable list with structural equality; made by a collection expression.</summary>
[CollectionBuilder(typeof(Sequence), nameof(Sequence.Of))]
public sealed class Sequence<T>(T[] items) : IReadOnlyList<T>, IEquatable<Sequence<T>>
{
    public int Count => items.Length;
    public T this[int index] => items[index];

    public bool Equals(Sequence<T>? other) => other is not null && items.AsSpan().SequenceEqual(other.ToArray());
    public override bool Equals(object? obj) => Equals(obj as Sequence<T>);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in items) hash.Add(item);
        return hash.ToHashCode();
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public T[] ToArray() => [.. items];

    public override string ToString() => $"[{string.Join(", ", items)}]";
}

/// <summary>Makes <see cref="Sequence{T}"/>s.</summary>
public static class Sequence
{
    public static Sequence<T> Of<T>(ReadOnlySpan<T> items) => new(items.ToArray());
}
