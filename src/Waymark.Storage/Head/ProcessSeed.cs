// The secret in every in-memory hash: nobody outside can choose ids, keys or texts that all fall into one place, or two that count as one.
using System.Security.Cryptography;

namespace Waymark.Storage.Head;

/// <summary>A random number per process. Never stored.</summary>
internal static class ProcessSeed
{
    public static readonly long Value = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
}
