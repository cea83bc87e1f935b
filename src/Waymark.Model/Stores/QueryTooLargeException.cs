// How a store refuses a question whose answer would take more memory than one question may.
using System.Globalization;

namespace Waymark.Model.Stores;

/// <summary>A query would hold more memory than <see cref="LimitBytes"/>. The store goes on, and so may the asker, with a smaller question: the message says what the limit is and how to raise it.</summary>
/// <param name="option">What the limit is called where it is set.</param>
public sealed class QueryTooLargeException(string option, long limitBytes) : Exception(string.Create(
    CultureInfo.InvariantCulture,
    $"The query would hold more than {limitBytes} bytes in memory, which is {option}: ask for less at once, or set that higher."))
{
    /// <summary>Bytes that one query may hold.</summary>
    public long LimitBytes { get; } = limitBytes;
}
