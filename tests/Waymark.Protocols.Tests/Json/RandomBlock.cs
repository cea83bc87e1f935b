// Random stored traces, and what a decoder must make of them once they have been written as OTLP.
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;

namespace Waymark.Protocols.Tests.Json;

/// <summary>Builds a <see cref="SpanBlock"/> of one trace with every type, awkward texts and extreme numbers.</summary>
internal sealed class RandomBlock(Random random)
{
    public static readonly string[] AwkwardTexts =
        ["", "a", "service.name", "é", "日本語", "😀", "\"quoted\\\"", "\u0000\u0001\u001f\u007f", "line\r\n\ttab", "</script>&'+", "{[]}", "\ufffd\ufeff\u2028", new string('x', 300)];

    private static readonly long[] AwkwardNumbers = [0, 1, -1, 127, 128, 1L << 53, (1L << 53) + 1, long.MaxValue, long.MinValue, int.MinValue, 1_700_000_000_000_000_000];

    private static readonly double[] AwkwardDoubles =
        [0, -0.0, 1, 0.1, 1e300, -1e-300, double.Epsilon, double.MaxValue, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 5e15, 1e16];

    private readonly TextTable texts = new();

    public SpanBlock Build()
    {
        var count = random.Next(0, 12);
        var resources = Many(random.Next(1, 4), () => new ResourceEntry(-1, Code(), Count(), Attributes(3)));
        var scopes = Many(random.Next(1, 4), () => new ScopeEntry(Code(), Code(), Code(), Count(), Attributes(2)));
        var events = Firsts(count);
        var links = Firsts(count);
        // Rows before and after those of the trace must not leak into it, so the trace starts at row 1 when it can.
        var first = Math.Min(1, count);
        return new SpanBlock
        {
            Traces = [new TraceSlice(new TraceId(Bits() | 1, Bits()), first, count - first, default, default, 0, false)],
            Texts = texts,
            Resources = resources,
            Scopes = scopes,
            SpanIds = Many(count, () => new SpanId(Bits() | 1)),
            ParentSpanIds = Many(count, () => new SpanId(random.Next(2) == 0 ? 0 : Bits())),
            ParentRow = new int[count],
            SubtreeEnd = new int[count],
            Start = Many(count, Time),
            End = Many(count, Time),
            Name = Many(count, Code),
            Kind = Many(count, () => (SpanKind)random.Next(6)),
            Status = Many(count, () => (StatusCode)random.Next(3)),
            StatusMessage = Many(count, Code),
            TraceState = Many(count, Code),
            Flags = Many(count, Count),
            DroppedAttributes = Many(count, Count),
            DroppedEvents = Many(count, Count),
            DroppedLinks = Many(count, Count),
            Resource = Many(count, () => random.Next(resources.Length)),
            Scope = Many(count, () => random.Next(scopes.Length)),
            Marks = new SpanMarks[count],
            Attributes = Table(count, 4),
            Events = new EventTable(events, Many(events[count], Time), Many(events[count], Code), Many(events[count], Count), Table(events[count], 2)),
            Links = new LinkTable(links, Many(links[count], () => new TraceId(Bits(), Bits())), Many(links[count], () => new SpanId(Bits())), Many(links[count], Code),
                Many(links[count], Count), Many(links[count], Count), Table(links[count], 2)),
        };
    }

    /// <summary>The lines a <see cref="RecordingSink"/> must write for the block's trace, grouped by resource and scope in the order of their first row.</summary>
    public static List<string> Lines(SpanBlock block)
    {
        var slice = block.Traces[0];
        var rows = Enumerable.Range(slice.FirstRow, slice.Count).ToList();
        return [.. rows.GroupBy(row => block.Resource[row]).SelectMany(group => group.GroupBy(row => block.Scope[row])).SelectMany(group => group).Select(row => Line(block, row))];
    }

    private static string Line(SpanBlock b, int row)
    {
        string Text(int code) => "'" + b.Texts.String(code) + "'";
        string All(ReadOnlySpan<AttributeEntry> attributes)
        {
            var list = new List<string>();
            foreach (var a in attributes) list.Add($"{Text(a.Key)}={Recording.Show(a.Type, a.Number, b.Texts.Utf8(a.Content))}");
            return "[" + string.Join(", ", list) + "]";
        }
        var line = new StringBuilder();
        line.Append($"{b.Traces[0].Id} {b.SpanIds[row]} parent={b.ParentSpanIds[row]} {b.Start[row].Value}..{b.End[row].Value} {Text(b.Name[row])} {b.Kind[row]} ");
        line.Append($"{b.Status[row]} {Text(b.StatusMessage[row])} state={Text(b.TraceState[row])} flags={b.Flags[row]} ");
        line.Append($"dropped={b.DroppedAttributes[row]},{b.DroppedEvents[row]},{b.DroppedLinks[row]} {All(b.Attributes.Of(row))}");
        for (var i = b.Events.First[row]; i < b.Events.First[row + 1]; i++)
        {
            line.Append($" event({b.Events.Time[i].Value} {Text(b.Events.Name[i])} dropped={b.Events.DroppedAttributes[i]} {All(b.Events.Attributes.Of(i))})");
        }
        for (var i = b.Links.First[row]; i < b.Links.First[row + 1]; i++)
        {
            line.Append($" link({b.Links.TraceIds[i]} {b.Links.SpanIds[i]} {Text(b.Links.TraceState[i])} flags={b.Links.Flags[i]} dropped={b.Links.DroppedAttributes[i]} {All(b.Links.Attributes.Of(i))})");
        }
        var resource = b.Resources[b.Resource[row]];
        line.Append($" | resource url={Text(resource.SchemaUrl)} dropped={resource.DroppedAttributes} {All(resource.Attributes)}");
        var scope = b.Scopes[b.Scope[row]];
        line.Append($" | scope {Text(scope.Name)} {Text(scope.Version)} url={Text(scope.SchemaUrl)} dropped={scope.DroppedAttributes} {All(scope.Attributes)}");
        return line.ToString();
    }

    private static T[] Many<T>(int count, Func<T> make) => [.. Enumerable.Range(0, count).Select(_ => make())];

    private int[] Firsts(int count)
    {
        var first = new int[count + 1];
        for (var i = 0; i < count; i++) first[i + 1] = first[i] + Math.Max(0, random.Next(-2, 3));
        return first;
    }

    private AttributeTable Table(int count, int most)
    {
        var lists = Many(count, () => Attributes(most));
        var first = new int[count + 1];
        for (var i = 0; i < count; i++) first[i + 1] = first[i] + lists[i].Length;
        return new AttributeTable(first, [.. lists.SelectMany(list => list)]);
    }

    private AttributeEntry[] Attributes(int most) => Many(random.Next(most + 1), () => Attribute((AttributeType)random.Next(8)));

    private AttributeEntry Attribute(AttributeType type) => type switch
    {
        AttributeType.Text => new AttributeEntry(Code(), type, Code(), 0),
        AttributeType.Bool => new AttributeEntry(Code(), type, -1, random.Next(2)),
        AttributeType.Int => new AttributeEntry(Code(), type, -1, AwkwardNumbers[random.Next(AwkwardNumbers.Length)]),
        AttributeType.Double => new AttributeEntry(Code(), type, -1, BitConverter.DoubleToInt64Bits(AwkwardDoubles[random.Next(AwkwardDoubles.Length)])),
        AttributeType.Bytes => new AttributeEntry(Code(), type, texts.Add(Bytes()), 0),
        AttributeType.Array => new AttributeEntry(Code(), type, texts.Add(List(0, isKeyed: false)), 0),
        AttributeType.KeyValues => new AttributeEntry(Code(), type, texts.Add(List(0, isKeyed: true)), 0),
        _ => new AttributeEntry(Code(), AttributeType.Empty, -1, 0),
    };

    private byte[] List(int depth, bool isKeyed)
    {
        var list = new List<byte>();
        for (var i = random.Next(4); i > 0; i--)
        {
            var value = Value(depth + 1);
            if (!isKeyed)
            {
                list.AddRange(Field(1, value));
                continue;
            }
            var key = Encoding.UTF8.GetBytes(Text());
            byte[] member = [.. key.Length > 0 ? Field(1, key) : [], .. value.Length > 0 ? Field(2, value) : []];
            list.AddRange(Field(1, member));
        }
        return [.. list];
    }

    private byte[] Value(int depth) => random.Next(depth < 5 ? 8 : 6) switch
    {
        0 => [],
        1 => Field(1, Encoding.UTF8.GetBytes(Text())),
        2 => [2 << 3, (byte)random.Next(2)],
        3 => [3 << 3, .. Varint((ulong)AwkwardNumbers[random.Next(AwkwardNumbers.Length)])],
        4 => [4 << 3 | 1, .. BitConverter.GetBytes(AwkwardDoubles[random.Next(AwkwardDoubles.Length)])],
        5 => Field(7, Bytes()),
        6 => Field(5, List(depth, isKeyed: false)),
        _ => Field(6, List(depth, isKeyed: true)),
    };

    private static byte[] Field(int number, byte[] content) => [(byte)(number << 3 | 2), .. Varint((ulong)content.Length), .. content];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    private byte[] Bytes()
    {
        var bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return bytes;
    }

    private string Text() => AwkwardTexts[random.Next(AwkwardTexts.Length)];

    private int Code() => random.Next(4) == 0 ? -1 : texts.Add(Encoding.UTF8.GetBytes(Text()));

    private uint Count() => random.Next(3) switch { 0 => 0, 1 => (uint)random.Next(1000), _ => uint.MaxValue };

    private UnixNanos Time() => random.Next(4) switch { 0 => UnixNanos.Min, 1 => UnixNanos.Max, _ => new UnixNanos(random.NextInt64(long.MaxValue)) };

    private ulong Bits() => (ulong)random.NextInt64(long.MinValue, long.MaxValue);
}
