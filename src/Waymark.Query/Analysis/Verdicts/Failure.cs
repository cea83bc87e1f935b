// Where a failed trace began to fail, and in what words.

namespace Waymark.Query.Analysis.Verdicts;

/// <summary>Follows errors from a span down to where they began.</summary>
internal static class Failure
{
    /// <summary>Attributes of spans and their events that a message is taken from.</summary>
    public static readonly string[] Keys = [ExceptionMessage, ExceptionType, ErrorType];

    private const string ExceptionMessage = "exception.message";
    private const string ExceptionType = "exception.type";
    private const string ErrorType = "error.type";

    private static readonly string[] TimeoutWords = ["timeout", "timed out", "deadline", "did not answer in"];

    /// <summary>The span in which the trace's failure began; −1 when the trace did not fail: its root, or without a single root none of its outermost spans, is an error.</summary>
    public static int Origin(TraceFacts facts)
    {
        var failed = facts.Path.RootRow >= 0 ? facts.Path.RootRow : -1;
        if (failed < 0)
        {
            var tops = facts.Children(-1).Where(facts.IsError).ToList();
            if (tops.Count == 0) return -1;
            failed = tops.MinBy(row => facts.Timeline.End[row]);
        }
        return facts.IsError(failed) ? Deepest(facts, failed) : -1;
    }

    /// <summary>
    /// Where an error began that the trace's root got over (a declined card, a service done without); −1 when there is none. What was tried again and succeeded is no error.
    /// </summary>
    public static int Survived(TraceFacts facts)
    {
        var root = facts.Path.RootRow;
        if (root < 0 || facts.IsError(root)) return -1;
        var origin = Deepest(facts, root);
        return facts.IsError(origin) ? origin : -1;
    }

    /// <summary>
    /// From a span down: at each step into the failed child that ended first and was not made good by a later one alike; where no child failed, into one with a failure
    /// below it. The last failed span met; or, when that has only a code to tell (a client's 402), the last one before it that says in words what happened.
    /// </summary>
    public static int Deepest(TraceFacts facts, int row)
    {
        var origin = row;
        var errors = ErrorsBefore(facts, row);
        while (row >= 0)
        {
            var next = -1;
            var end = facts.SubtreeEnd(row);
            for (var child = row + 1; child < end; child = facts.SubtreeEnd(child))
            {
                if (errors(facts.SubtreeEnd(child)) == errors(child)) continue;
                if (IsMadeGood(facts, row, child)) continue;
                if (next < 0 || IsBetter(facts, child, next)) next = child;
            }
            row = next;
            if (row >= 0 && facts.IsError(row) && (Words(facts, row).Length > 0 || Words(facts, origin).Length == 0)) origin = row;
        }
        return origin;
    }

    /// <summary>What a failed span says: its status message, else its exception's message or type, else the kind of error; "" when it says nothing.</summary>
    public static string Message(TraceFacts facts, int row) => Words(facts, row) is { Length: > 0 } words ? words : facts.Attribute(row, ErrorType);

    public static bool IsTimeout(string message) => Array.Exists(TimeoutWords, word => message.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string Words(TraceFacts facts, int row)
    {
        var message = facts.Block.Texts.String(facts.Block.StatusMessage[facts.Trace.FirstRow + row]);
        if (message.Length > 0) return message;
        return facts.EventAttribute(row, ExceptionMessage) is { Length: > 0 } text ? text : facts.EventAttribute(row, ExceptionType);
    }

    private static Func<int, int> ErrorsBefore(TraceFacts facts, int row)
    {
        var before = new int[facts.SubtreeEnd(row) - row + 1];
        for (var at = 0; at < before.Length - 1; at++) before[at + 1] = before[at] + (facts.IsError(row + at) ? 1 : 0);
        return at => before[at - row];
    }

    /// <summary>A failed child is better than one with a failure below it; of equal ones, the one that ended first.</summary>
    private static bool IsBetter(TraceFacts facts, int child, int other) =>
        facts.IsError(child) != facts.IsError(other) ? facts.IsError(child) : facts.Timeline.End[child] < facts.Timeline.End[other];

    /// <summary>The same was tried again later and succeeded. Looked for only behind a failed child, among its nearest siblings: retries follow closely.</summary>
    private static bool IsMadeGood(TraceFacts facts, int parent, int child)
    {
        const int MaxLooked = 16;
        if (!facts.IsError(child)) return false;
        var end = facts.SubtreeEnd(parent);
        var at = facts.SubtreeEnd(child);
        for (var looked = 0; at < end && looked < MaxLooked; looked++, at = facts.SubtreeEnd(at))
        {
            if (!facts.IsError(at) && facts.Timeline.Start[at] >= facts.Timeline.End[child] && facts.Name(at) == facts.Name(child)) return true;
        }
        return false;
    }
}
