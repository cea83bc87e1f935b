// Texts of a block: one heap of bytes, addressed by code. Strings are made only when someone asks for one.
using System.Text;

namespace Waymark.Model.Stores;

/// <summary>An append-only table of byte strings (valid UTF-8 for texts; opaque for bytes, arrays and key-value lists). Not thread-safe while being filled.</summary>
public sealed class TextTable
{
    private byte[] heap = [];
    private int[] ends = [];
    private string?[] strings = [];

    public int Count { get; private set; }

    /// <summary>Bytes of memory that the table takes, strings made from it apart.</summary>
    public long Bytes => heap.Length + (ends.Length * (long)(sizeof(int) + IntPtr.Size));

    /// <summary>The bytes of a code; empty for −1.</summary>
    public ReadOnlySpan<byte> Utf8(int code)
    {
        if (code < 0) return default;
        var start = code == 0 ? 0 : ends[code - 1];
        return heap.AsSpan(start, ends[code] - start);
    }

    /// <summary>The text of a code, made once; "" for −1.</summary>
    public string String(int code) => code < 0 ? "" : strings[code] ??= Encoding.UTF8.GetString(Utf8(code));

    /// <summary>Adds bytes and returns their code. Equal bytes added twice get two codes: whoever fills the table interns.</summary>
    public int Add(ReadOnlySpan<byte> bytes)
    {
        var start = Count == 0 ? 0 : ends[Count - 1];
        var end = checked(start + bytes.Length);
        if (end > heap.Length) Array.Resize(ref heap, (int)Math.Min(Array.MaxLength, Math.Max(end, Math.Max(1024, (long)heap.Length * 2))));
        if (Count == ends.Length)
        {
            Array.Resize(ref ends, Math.Max(16, ends.Length * 2));
            Array.Resize(ref strings, ends.Length);
        }
        bytes.CopyTo(heap.AsSpan(start));
        ends[Count] = end;
        return Count++;
    }
}
