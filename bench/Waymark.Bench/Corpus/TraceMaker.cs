// Makes one trace at a time: walks the shop's shape, lets time pass, and fills in attributes by OpenTelemetry's conventions.
using System.Globalization;
using Waymark.Model.Spans;

namespace Waymark.Bench.Corpus;

/// <summary>Deterministic from its seed. Not thread-safe.</summary>
internal sealed class TraceMaker
{
    /// <summary>No trace is larger.</summary>
    private const int MaxSpans = 400;

    private readonly Random random;
    private readonly ShopShape shop = new();
    private readonly AttributeMaker attributes;
    private readonly List<CorpusSpan> spans = [];
    private readonly CorpusInstance[] instances;
    private ulong traceHigh, traceLow;
    private int itemsOfOrder;

    public TraceMaker(int seed)
    {
        random = new Random(seed);
        attributes = new AttributeMaker(random);
        instances = new CorpusInstance[shop.Services.Count * ShopShape.InstancesPerService];
        for (var i = 0; i < instances.Length; i++) instances[i] = attributes.NewInstance(i, shop.Services[i / ShopShape.InstancesPerService]);
    }

    public IReadOnlyList<CorpusInstance> Instances => instances;

    /// <summary>A whole trace in pre-order, starting at <paramref name="start"/>. Valid until the next call.</summary>
    public List<CorpusSpan> NextTrace(long start)
    {
        spans.Clear();
        traceHigh = NextId();
        traceLow = NextId();
        attributes.NewTrace();
        // Most orders are small; Pareto gives the few that loop hundreds of times.
        itemsOfOrder = (int)Math.Min(200, 1 / Math.Pow(1 - random.NextDouble(), 0.9));
        Serve(shop.Entries[random.Next(shop.Entries.Count)], parentRow: -1, start, StepKind.Http);
        return spans;
    }

    /// <summary>An operation's own span and everything below it; returns when it ends.</summary>
    private long Serve(OperationShape operation, int parentRow, long start, StepKind how)
    {
        var instance = instances[(IndexOf(operation.Service) * ShopShape.InstancesPerService) + random.Next(ShopShape.InstancesPerService)];
        var kind = how == StepKind.Publish ? SpanKind.Consumer : SpanKind.Server;
        var row = Begin(instance, attributes.ServerSpanName(operation, how), attributes.ServerScope(instance, how), kind, parentRow, start);
        var fails = random.Next(100) == 0;
        attributes.AddServer(spans[row], operation, how, fails);
        var now = start + Pause(30_000);
        foreach (var step in operation.Steps)
        {
            if (random.NextDouble() > step.Chance) continue;
            var times = step.Loops ? itemsOfOrder : 1;
            for (var i = 0; i < times && spans.Count < MaxSpans - 2; i++) now = Do(step, instance, row, now) + Pause(5_000);
        }

        return Finish(row, now + Pause(40_000), fails);
    }

    private long Do(StepShape step, CorpusInstance instance, int parentRow, long start)
    {
        var fails = random.Next(250) == 0;
        var kind = step.Kind switch { StepKind.Work => SpanKind.Internal, StepKind.Publish => SpanKind.Producer, _ => SpanKind.Client };
        var row = Begin(instance, attributes.StepName(step), attributes.StepScope(instance, step), kind, parentRow, start);
        attributes.AddStep(spans[row], step, instances, fails);
        switch (step.Kind)
        {
            case StepKind.Http or StepKind.Rpc:
                return Finish(row, Serve(step.Target!, row, start + Pause(200_000), step.Kind) + Pause(150_000), fails);
            case StepKind.Publish:
                var sent = Finish(row, start + Pause(400_000), fails);
                Serve(step.Target!, row, sent + Pause(5_000_000), StepKind.Publish);
                return sent;
            case StepKind.Sql:
                return Finish(row, start + Pause(1_500_000), fails);
            case StepKind.Redis:
                return Finish(row, start + Pause(250_000), fails);
            default:
                return Finish(row, start + Pause(120_000), fails);
        }
    }

    private int Begin(CorpusInstance instance, string name, string scope, SpanKind kind, int parentRow, long start)
    {
        spans.Add(new CorpusSpan
        {
            Instance = instance,
            TraceHigh = traceHigh,
            TraceLow = traceLow,
            SpanId = NextId(),
            ParentRow = parentRow,
            ParentSpanId = parentRow < 0 ? 0 : spans[parentRow].SpanId,
            Name = name,
            Scope = scope,
            Kind = kind,
            Start = Tick(start, instance),
        });
        return spans.Count - 1;
    }

    private long Finish(int row, long end, bool fails)
    {
        var span = spans[row];
        span.End = Math.Max(span.Start, Tick(end, span.Instance));
        if (fails) attributes.AddFailure(span);
        return end;
    }

    private static long Tick(long time, CorpusInstance instance) => time / instance.ClockUnit * instance.ClockUnit;

    /// <summary>A log-normal time around <paramref name="typical"/> nanoseconds.</summary>
    private long Pause(double typical)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return (long)(typical * Math.Exp(0.8 * normal)) + 1;
    }

    private ulong NextId() => (ulong)random.NextInt64(1, long.MaxValue) << 1 | (uint)random.Next(2);

    private int IndexOf(ServiceShape service)
    {
        for (var i = 0; i < shop.Services.Count; i++)
        {
            if (ReferenceEquals(shop.Services[i], service)) return i;
        }

        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{service.Name} is not of this shop."), nameof(service));
    }
}
