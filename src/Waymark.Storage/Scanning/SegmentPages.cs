// The pages of one segment through the cache.
using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Waymark.Storage.Columns;
using Waymark.Storage.Segments;

namespace Waymark.Storage.Scanning;

/// <summary>
/// Finds pages of a segment in memory or reads them, verified either way. Any number of threads until disposed; a page that is pinned then stays until its pin goes.
/// </summary>
internal sealed class SegmentPages : IDisposable
{
    private readonly SegmentReader reader;
    private readonly PageCache cache;

    /// <summary>By column, made when its first page is asked for.</summary>
    private readonly CachedPage?[]?[] pages;

    /// <summary>By column and page of texts, made when first asked for.</summary>
    private readonly CachedObject<StringsPageIndex>?[]?[] indexes;

    /// <summary>By column and page of numbers in several streams, made when first asked for.</summary>
    private readonly CachedObject<NumberPageIndex>?[]?[] numberIndexes;

    /// <summary>By column of texts, made when first asked for.</summary>
    private readonly CachedObject<TextFilter>?[] filters;

    public SegmentPages(SegmentReader reader, PageCache cache)
    {
        this.reader = reader;
        this.cache = cache;
        pages = new CachedPage?[]?[reader.Columns.Count];
        indexes = new CachedObject<StringsPageIndex>?[]?[reader.Columns.Count];
        numberIndexes = new CachedObject<NumberPageIndex>?[]?[reader.Columns.Count];
        filters = new CachedObject<TextFilter>?[reader.Columns.Count];
    }

    /// <summary>The stored bytes of a page, until the pin is disposed. Throws <see cref="CorruptFileException"/> when they are not what was written.</summary>
    public PagePin Pin(int column, int page)
    {
        ref readonly var info = ref reader.Pages(column)[page];
        if (info.Bytes == 0)
        {
            // Nothing is stored of constant and empty pages.
            reader.CheckPage(info);
            return default;
        }
        var ofColumn = Volatile.Read(ref pages[column]) ?? Made(ref pages[column], new CachedPage?[reader.Columns[column].PageCount]);
        while (true)
        {
            if (Volatile.Read(ref ofColumn[page]) is { } known)
            {
                if (known.TryPin()) return new PagePin(known);
                Interlocked.CompareExchange(ref ofColumn[page], null, known);
            }
            var read = CachedPage.Read(reader, info);
            if (Interlocked.CompareExchange(ref ofColumn[page], read, null) is not null)
            {
                // Someone was quicker.
                read.Abandon();
                continue;
            }
            if (!cache.Admit(read)) read.DropWhenUnused();
            return new PagePin(read);
        }
    }

    /// <summary>Where the numbers of a page stand for which <see cref="NumberPageIndex.CanIndex"/> holds; null when its bytes contradict themselves.</summary>
    /// <param name="stored">The page's bytes.</param>
    public NumberPageIndex? NumberIndexOf(int column, int page, ReadOnlySpan<byte> stored)
    {
        var ofColumn = Volatile.Read(ref numberIndexes[column]) ?? Made(ref numberIndexes[column], new CachedObject<NumberPageIndex>?[reader.Columns[column].PageCount]);
        var kept = Volatile.Read(ref ofColumn[page]) ?? Made(ref ofColumn[page], new CachedObject<NumberPageIndex>(cache));
        if (kept.Value is { } known) return known;
        return NumberPageIndex.TryBuild(stored, reader.Pages(column)[page], out var built) ? kept.Keep(built, built.Bytes) : null;
    }

    /// <summary>Where the values of a page in encoding 10 stand; null when its bytes contradict themselves.</summary>
    /// <param name="stored">The page's bytes.</param>
    public StringsPageIndex? IndexOf(int column, int page, ReadOnlySpan<byte> stored)
    {
        var ofColumn = Volatile.Read(ref indexes[column]) ?? Made(ref indexes[column], new CachedObject<StringsPageIndex>?[reader.Columns[column].PageCount]);
        var kept = Volatile.Read(ref ofColumn[page]) ?? Made(ref ofColumn[page], new CachedObject<StringsPageIndex>(cache));
        if (kept.Value is { } known) return known;
        return StringsPageIndex.TryBuild(stored, reader.Pages(column)[page].Count, out var built) ? kept.Keep(built, built.Bytes) : null;
    }

    /// <summary>Whether <see cref="FilterOf"/> has its answer in memory.</summary>
    public bool HasFilter(int column) => Volatile.Read(ref filters[column])?.Value is not null;

    /// <summary>Which pages of a column of texts may hold a text; null when there is no room to keep the answer for the next question.</summary>
    public TextFilter? FilterOf(int column)
    {
        var kept = Volatile.Read(ref filters[column]) ?? Made(ref filters[column], new CachedObject<TextFilter>(cache, isFilter: true));
        if (kept.Value is { } known) return known;
        if (!cache.HasRoomForFilter) return null;
        var count = reader.Columns[column].PageCount;
        var builder = new TextFilter.Builder(count);
        var hashes = ArrayPool<ulong>.Shared.Rent(SegmentFormat.PageRows);
        for (var page = 0; page < count; page++) builder.Add(hashes.AsSpan(0, Hash(column, page, hashes)));
        ArrayPool<ulong>.Shared.Return(hashes);
        var built = builder.Build();
        return kept.Keep(built, built.Bytes);
    }

    public void Dispose()
    {
        foreach (var kept in filters) kept?.Dispose();
        foreach (var ofColumn in numberIndexes)
        {
            foreach (var kept in ofColumn ?? []) kept?.Dispose();
        }
        foreach (var ofColumn in indexes)
        {
            foreach (var kept in ofColumn ?? []) kept?.Dispose();
        }
        for (var column = 0; column < pages.Length; column++)
        {
            if (Interlocked.Exchange(ref pages[column], null) is not { } ofColumn) continue;
            for (var page = 0; page < ofColumn.Length; page++)
            {
                if (Interlocked.Exchange(ref ofColumn[page], null) is not { } kept) continue;
                cache.Remove(kept);
                kept.DropWhenUnused();
            }
        }
    }

    /// <summary>Hashes of the texts of a page, and how many; none where it can't be read, which shows when it is searched. The page is not kept: the filter stands for it.</summary>
    private int Hash(int column, int page, Span<ulong> hashes)
    {
        ref readonly var info = ref reader.Pages(column)[page];
        if (info.Count == 0 || info.Codec != PageCodec.None) return 0;
        try
        {
            using var pin = PinOnce(column, page, info);
            if (info.Encoding == PageEncoding.Strings) return StringsPageSearch.TryHash(pin.Bytes, info.Count, hashes, out var distinct) ? distinct : 0;
            for (var i = 0; i < info.Count; i++)
            {
                if (info.Encoding != PageEncoding.Bytes || !BytesKernels.TryRead(pin.Bytes, info, i, out var text)) return 0;
                hashes[i] = TextFilter.HashOf(text);
            }
            return info.Count;
        }
        catch (CorruptFileException)
        {
            return 0;
        }
    }

    /// <summary>As <see cref="Pin"/>, but what is read for it is not kept.</summary>
    private PagePin PinOnce(int column, int page, in PageInfo info)
    {
        if (info.Bytes == 0) return Pin(column, page);
        if (Volatile.Read(ref pages[column])?[page] is { } known && known.TryPin()) return new PagePin(known);
        var read = CachedPage.Read(reader, info);
        read.DropWhenUnused();
        return new PagePin(read);
    }

    /// <summary>What is there already, or else this.</summary>
    private static T Made<T>(ref T? place, T made)
        where T : class => Interlocked.CompareExchange(ref place, made, null) ?? made;
}

/// <summary>Holds a page in memory. To be disposed once, by whoever asked for it; default holds an empty page.</summary>
internal readonly struct PagePin(CachedPage? page) : IDisposable
{
    public ReadOnlySpan<byte> Bytes => page is null ? default : page.Content;

    public void Dispose() => page?.Unpin();
}

/// <summary>
/// Stored bytes of a page in native memory, which the collector would only move and count. Pins are counted in one number: who brings it from 0 to −1 frees the memory, and nobody can pin it then.
/// </summary>
internal sealed unsafe class CachedPage : CacheEntry
{
    private const int Gone = -1;
    private readonly int length;
    private readonly byte* memory;
    private int pins = 1;
    private volatile bool dropWhenUnused;

    private CachedPage(int length)
    {
        this.length = length;
        // A cache line, so that no load of a block straddles two.
        memory = (byte*)NativeMemory.AlignedAlloc((nuint)length, 64);
    }

    public override long Bytes => length;

    public ReadOnlySpan<byte> Content => new(memory, length);

    /// <summary>Reads and verifies a page; pinned once.</summary>
    public static CachedPage Read(SegmentReader reader, in PageInfo info)
    {
        reader.CheckPage(info);
        var page = new CachedPage(info.Bytes);
        try
        {
            reader.ReadStored(info, new Span<byte>(page.memory, page.length));
            return page;
        }
        catch
        {
            page.Abandon();
            throw;
        }
    }

    public bool TryPin()
    {
        while (true)
        {
            var held = Volatile.Read(ref pins);
            if (held == Gone) return false;
            if (Interlocked.CompareExchange(ref pins, held + 1, held) != held) continue;
            if (!IsUsed) IsUsed = true;
            return true;
        }
    }

    public void Unpin()
    {
        var left = Interlocked.Decrement(ref pins);
        Debug.Assert(left >= 0, "Every unpin has its pin.");
        if (left == 0 && dropWhenUnused) TryLetGo();
    }

    /// <summary>The cache doesn't keep it: the last pin frees it.</summary>
    public void DropWhenUnused()
    {
        dropWhenUnused = true;
        TryLetGo();
    }

    /// <summary>Frees what nobody else has seen.</summary>
    public void Abandon()
    {
        pins = 0;
        TryLetGo();
    }

    internal override bool TryLetGo()
    {
        if (Interlocked.CompareExchange(ref pins, Gone, 0) != 0) return false;
        NativeMemory.AlignedFree(memory);
        return true;
    }
}
