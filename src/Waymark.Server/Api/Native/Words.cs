// The words the native API uses for the numbers of the model.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Analysis;
using Waymark.Query.Search;

namespace Waymark.Server.Api.Native;

/// <summary>Names of enum members, indexed by their number; of flags, by their bit.</summary>
internal static class Words
{
    public static readonly string[] Kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];
    public static readonly string[] Statuses = ["unset", "ok", "error"];

    /// <summary>By bit of <see cref="SpanMarks"/>.</summary>
    public static readonly string[] Marks = ["orphan", "cycleCut", "sharedId", "endsBeforeStart"];

    /// <summary>By bit of <see cref="TraceOddities"/>.</summary>
    public static readonly string[] Oddities = ["partial", "rootless", "orphans", "cycles", "sharedIds", "reversedTimes", "clockSkew"];

    public static readonly string[] ListenerRoles = ["http", "otlpHttp", "otlpGrpc"];

    /// <summary>By number of <see cref="VerdictKind"/>.</summary>
    public static readonly string[] Verdicts = ["retryLoop", "nPlusOne", "dominantSpan", "serialCalls", "gap", "queueDelay", "straggler", "nothing"];
    public static readonly string[] VerdictStyles = ["text", "strong", "code"];

    public static string Of(SpanKind kind) => Kinds[(int)kind];

    public static string Of(StatusCode status) => Statuses[(int)status];

    /// <summary>The names of the bits that are set.</summary>
    public static IReadOnlyList<string> Of(TraceOddities oddities) => oddities == TraceOddities.None ? [] : [.. Oddities.Where((_, bit) => ((int)oddities >> bit & 1) != 0)];

    public static int IndexOf(string[] words, string word) => Array.FindIndex(words, w => w.Equals(word, StringComparison.OrdinalIgnoreCase));

    public static string List(string[] words) => string.Join(", ", words);
}
