// Which of the two encodings of a trace a client prefers (RFC 9110, section 12.5.1).
using Microsoft.Net.Http.Headers;

namespace Waymark.Server.Api.Tempo;

/// <summary>The encodings in which a trace is answered.</summary>
internal enum TraceEncoding
{
    Json,
    Protobuf,
}

/// <summary>Negotiates a <see cref="TraceEncoding"/>.</summary>
internal static class TraceEncodings
{
    public const string Json = "application/json";
    public const string Protobuf = "application/protobuf";

    /// <summary>Media ranges of an Accept header that are looked at.</summary>
    private const int MaxRanges = 32;

    /// <summary>
    /// The encoding with the higher quality; on a tie the one named more specifically, then the one named first, then JSON. JSON also when the header is absent,
    /// malformed, or names neither: an answer in the wrong form tells more than a bare 406.
    /// </summary>
    public static TraceEncoding Negotiate(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var ranges)) return TraceEncoding.Json;
        var json = default(Preference);
        var protobuf = default(Preference);
        for (var index = 0; index < Math.Min(ranges.Count, MaxRanges); index++)
        {
            json = json.MoreSpecific(Preference.Of(ranges[index], index, Json, Json));
            protobuf = protobuf.MoreSpecific(Preference.Of(ranges[index], index, Protobuf, "application/x-protobuf"));
        }
        if (protobuf.Quality <= 0) return TraceEncoding.Json;
        if (protobuf.Quality != json.Quality) return protobuf.Quality > json.Quality ? TraceEncoding.Protobuf : TraceEncoding.Json;
        if (protobuf.Specificity != json.Specificity) return protobuf.Specificity > json.Specificity ? TraceEncoding.Protobuf : TraceEncoding.Json;
        return protobuf.Specificity == Preference.Exact && protobuf.Order < json.Order ? TraceEncoding.Protobuf : TraceEncoding.Json;
    }

    /// <summary>How a client values one encoding, by the most specific range that covers it. The default value: not covered.</summary>
    private readonly record struct Preference(double Quality, int Specificity, int Order)
    {
        public const int Exact = 3;

        public static Preference Of(MediaTypeHeaderValue range, int order, string type, string alias)
        {
            int specificity;
            if (range.MatchesAllTypes) specificity = 1;
            else if (range.MatchesAllSubTypes && range.Type.Equals("application", StringComparison.OrdinalIgnoreCase)) specificity = 2;
            else if (range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase) || range.MediaType.Equals(alias, StringComparison.OrdinalIgnoreCase)) specificity = Exact;
            else return default;
            return new Preference(range.Quality ?? 1, specificity, order);
        }

        public Preference MoreSpecific(Preference other) => other.Specificity > Specificity ? other : this;
    }
}
