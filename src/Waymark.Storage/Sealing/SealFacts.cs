// What a look at all rows of the heads tells before any is written: which columns are empty, and how finely each sender's clock ticks.
using Waymark.Storage.Columns;
using Waymark.Storage.Head;

namespace Waymark.Storage.Sealing;

/// <summary>Rows that will not be sealed (repeats, refused ones) count too: a column may then be taken for used, or a clock for finer than it is, which costs bytes and is never wrong.</summary>
internal sealed class SealFacts
{
    /// <summary>By context of the segment, a code of <see cref="ClockUnits"/> that its starts and ends are multiples of.</summary>
    public required byte[] UnitOfContext { get; init; }

    public bool HasStatusMessages { get; private set; }
    public bool HasTraceStates { get; private set; }
    public bool HasDroppedAttributes { get; private set; }
    public bool HasDroppedEvents { get; private set; }
    public bool HasDroppedLinks { get; private set; }
    public bool HasLinks { get; private set; }

    public static SealFacts Of(SpanHead[] heads, SealContexts contexts)
    {
        var units = new byte[contexts.Contexts.Count];
        Array.Fill(units, (byte)(ClockUnits.Count - 1));
        var seen = new bool[units.Length];
        var facts = new SealFacts { UnitOfContext = units };
        for (var h = 0; h < heads.Length; h++)
        {
            // Codes of absent texts are −1: and-ed together they stay negative.
            int messages = -1, states = -1;
            uint attributes = 0, events = 0, links = 0;
            var linkCounts = 0;
            var rows = heads[h].Visible;
            for (var row = 0; row < rows; row++)
            {
                ref readonly var span = ref heads[h].Spans[row];
                messages &= span.StatusMessage;
                states &= span.TraceState;
                attributes |= span.DroppedAttributes;
                events |= span.DroppedEvents;
                links |= span.DroppedLinks;
                linkCounts |= span.LinkCount;
                var context = contexts.Context(h, span.Context);
                seen[context] = true;
                ref var unit = ref units[context];
                if (unit > 0) unit = ClockUnits.Combine(unit, ClockUnits.Combine(ClockUnits.Of(span.Start.Value), ClockUnits.Of(span.End.Value)));
            }
            facts.HasStatusMessages |= messages >= 0;
            facts.HasTraceStates |= states >= 0;
            facts.HasDroppedAttributes |= attributes != 0;
            facts.HasDroppedEvents |= events != 0;
            facts.HasDroppedLinks |= links != 0;
            facts.HasLinks |= linkCounts != 0;
        }
        for (var context = 0; context < units.Length; context++)
        {
            if (!seen[context]) units[context] = 0;
        }
        return facts;
    }
}
