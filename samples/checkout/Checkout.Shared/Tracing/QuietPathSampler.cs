// Traces that nobody would ever look at are not begun: health checks, and asking a queue whether there is something.
using OpenTelemetry.Trace;

namespace Checkout.Shared.Tracing;

/// <summary>For roots. ASP.NET's span has no route and no name of its own yet when this is asked: only the tag <c>url.path</c> tells.</summary>
internal sealed class QuietPathSampler : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        foreach (var tag in samplingParameters.Tags ?? [])
        {
            if (tag is { Key: "url.path", Value: string path } && IsQuiet(path)) return new SamplingResult(SamplingDecision.Drop);
        }

        return new SamplingResult(SamplingDecision.RecordAndSample);
    }

    private static bool IsQuiet(string path) =>
        path is "/health" or "/favicon.ico" || path.StartsWith("/page/", StringComparison.Ordinal) || path.EndsWith("/receive", StringComparison.Ordinal);
}
