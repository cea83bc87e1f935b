// One file of the web UI as it is sent: bytes in every encoding there is, and the headers that never change.
using Microsoft.Net.Http.Headers;

namespace Waymark.Server.Pages;

/// <summary>Held in memory as long as the server runs; the whole UI is below two megabytes.</summary>
internal sealed class PageFile
{
    private readonly byte[] plain;
    private readonly byte[]? brotli;
    private readonly byte[]? gzip;
    private readonly string tag;

    /// <param name="contentType">With charset, where there is one.</param>
    /// <param name="tag">Names these bytes and no others; without quotes.</param>
    public PageFile(string contentType, string cacheControl, string tag, byte[] plain, byte[]? brotli = null, byte[]? gzip = null)
    {
        (ContentType, CacheControl, this.tag, this.plain, this.brotli, this.gzip) = (contentType, cacheControl, tag, plain, brotli, gzip);
    }

    public string ContentType { get; }

    public string CacheControl { get; }

    /// <summary>Answers GET and HEAD: 200, or 304 when the caller has these very bytes. Status and further headers may be set before.</summary>
    public Task AnswerAsync(HttpContext http)
    {
        var (request, response) = (http.Request, http.Response);
        var coding = ContentCoding.Choose(request.Headers.AcceptEncoding, brotli is not null, gzip is not null);
        var bytes = coding switch { ContentCoding.Brotli => brotli!, ContentCoding.Gzip => gzip!, _ => plain };
        // Strong: each encoding has a name of its own (RFC 9110, section 8.8.3.3).
        var entityTag = new EntityTagHeaderValue(coding is null ? $"\"{tag}\"" : $"\"{tag}-{coding}\"");
        response.Headers.ETag = entityTag.ToString();
        response.Headers.CacheControl = CacheControl;
        if (brotli is not null || gzip is not null) response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (response.StatusCode == StatusCodes.Status200OK && IsKnown(request, entityTag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = ContentType;
        response.ContentLength = bytes.Length;
        if (coding is not null) response.Headers.ContentEncoding = coding;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : response.Body.WriteAsync(bytes).AsTask();
    }

    private static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known)
        && known.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(tag, useStrongComparison: false));
}
