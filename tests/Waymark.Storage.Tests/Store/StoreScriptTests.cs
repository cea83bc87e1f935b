// Random lives of a store, step by step beside the oracle: writes of every kind, seals, restarts and power cuts.
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Search;
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Store;

public sealed class StoreScriptTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8 * TestScale.Factor)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_random_life_leaves_the_store_as_the_oracle(int seed)
    {
        var life = new Life(seed);
        await using var test = await TestStore.OpenAsync(life.Options);
        for (var step = 0; step < 12; step++)
        {
            await life.StepAsync(test);
            await test.AssertSameAsync();
            await life.AssertSamePagesAsync(test);
            await life.AssertSameMeasuresAsync(test);
        }
    }

    private sealed class Life
    {
        private readonly Random random;
        private readonly RandomSpans spans;
        private readonly List<NaiveSpan> late = [];
        private readonly List<NaiveSpan> sent = [];
        private readonly List<WriteRequest> requests = [];
        private readonly RandomMeasures measures;

        public Life(int seed)
        {
            random = new Random(seed);
            // A narrow spread makes traces start at the same nanosecond.
            spans = new RandomSpans(seed) { Spread = random.Next(2) == 0 ? 20 : 10_000_000_000, MaxSpans = random.Next(2) == 0 ? 4 : 24 };
            measures = new RandomMeasures(seed, spans);
            Options = TestStore.SmallOptions with { Durability = (Durability)random.Next(3), Lanes = random.Next(1, 5), SealBytes = random.Next(3) == 0 ? 20_000 : 64L << 20, LogFileBytes = random.Next(2) == 0 ? 4096 : 256 * 1024, CarryShare = random.Next(1, 11) / 10.0, LeastCarryShare = random.Next(2), Linger = TimeSpan.FromSeconds(random.Next(3) * 10) };
        }

        public StoreOptions Options { get; }

        public async Task StepAsync(TestStore test)
        {
            test.Time.Advance(TimeSpan.FromMilliseconds(random.Next(5_000)));
            switch (random.Next(10))
            {
                case 0:
                    await test.Store.SealNowAsync();
                    break;
                case 1:
                    await test.Store.SealLingeringAsync();
                    break;
                case 2:
                    await test.ReopenAsync();
                    break;
                case 3 when Options.Durability == Durability.Sync:
                    await test.CrashAsync(random.Next(2) == 0 ? random : null);
                    break;
                case 3:
                    await test.KillAsync();
                    break;
                case 4 when requests.Count > 0:
                    Assert.Equal(WriteOutcome.AlreadyStored, (await test.WriteAsync(spans.Pick(requests))).Outcome);
                    break;
                default:
                    await WriteSomeAsync(test);
                    break;
            }
        }

        public async Task AssertSamePagesAsync(TestStore test)
        {
            var filter = RandomFilter();
            while (true)
            {
                var expected = await TraceSearch.FindAsync(test.Oracle, filter, TestContext.Current.CancellationToken);
                var actual = await TraceSearch.FindAsync(test.Store, filter, TestContext.Current.CancellationToken);
                Assert.Equal(expected.Traces.Select(Describe), actual.Traces.Select(Describe));
                if (actual.Next is null || expected.Next is null)
                {
                    // A store that looked farther may know sooner that nothing follows.
                    var rest = actual.Next is { } next ? await TraceSearch.FindAsync(test.Store, filter with { After = next }, TestContext.Current.CancellationToken) : null;
                    Assert.True(rest is null || rest.Traces.IsEmpty);
                    return;
                }
                Assert.Equal(expected.Next, actual.Next);
                filter = filter with { After = actual.Next };
            }
        }

        public async Task AssertSameMeasuresAsync(TestStore test)
        {
            for (var question = 0; question < 8; question++)
            {
                var measure = measures.Next(sent);
                var expected = await test.Oracle.MeasureAsync(measure, TestContext.Current.CancellationToken);
                var actual = await test.Store.MeasureAsync(measure, TestContext.Current.CancellationToken);
                Assert.Equal(NaiveMeasure.Describe(expected), NaiveMeasure.Describe(actual));
            }
        }

        private static string Describe(TraceSummary s) => $"{s with { Services = [] }} {string.Join(';', s.Services)}";

        private TraceFilter RandomFilter()
        {
            var known = sent.Count > 0 && random.Next(4) > 0 ? spans.Pick(sent) : spans.Span();
            var from = random.Next(3) == 0 ? known.Start : UnixNanos.Min;
            var to = random.Next(3) == 0 ? new UnixNanos(known.Start.Value + random.Next(2) * random.Next(1_000_000)) : UnixNanos.Max;
            return new TraceFilter
            {
                Limit = random.Next(1, 8),
                Range = new TimeRange(from, to),
                Service = random.Next(4) == 0 ? known.Service : null,
                Operation = random.Next(4) == 0 ? known.Name : null,
                Kind = random.Next(4) == 0 ? known.Kind : null,
                Status = random.Next(4) == 0 ? known.Status : null,
                MinDuration = random.Next(4) == 0 ? known.Duration : null,
                MaxDuration = random.Next(4) == 0 ? known.Duration : null,
                Attributes = [.. Enumerable.Range(0, random.Next(3) == 0 ? random.Next(1, 3) : 0).Select(_ => RandomAttribute(known))],
            };
        }

        private AttributeFilter RandomAttribute(NaiveSpan known)
        {
            var attributes = known.Attributes.Concat(known.Resource.Attributes).ToList();
            var attribute = attributes.Count > 0 && random.Next(4) > 0 ? spans.Pick(attributes) : spans.Attribute();
            return new AttributeFilter(attribute.Key, attribute.Value.Type switch
            {
                AttributeType.Text => attribute.Value.Content,
                AttributeType.Double => BitConverter.Int64BitsToDouble(attribute.Value.Number).ToString("R", System.Globalization.CultureInfo.InvariantCulture),
                AttributeType.Bool => attribute.Value.Number != 0 ? "true" : "false",
                _ => attribute.Value.Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            });
        }

        /// <summary>Requests out of new traces and of what is left of earlier ones; some spans stay behind for later, some come again in other bytes.</summary>
        private async Task WriteSomeAsync(TestStore test)
        {
            for (var count = random.Next(1, 6); count > 0; count--)
            {
                List<NaiveSpan> batch = [.. spans.Traces(random.Next(1, 4)), .. late];
                late.Clear();
                if (sent.Count > 0 && random.Next(3) == 0) batch.Add(spans.Pick(sent) with { StatusMessage = $"again {random.Next()}" });
                if (random.Next(4) == 0) batch.Add(Twin(spans.Pick(batch)));
                var order = batch.ToArray();
                random.Shuffle(order);
                var cut = random.Next(order.Length);
                if (random.Next(2) == 0)
                {
                    late.AddRange(order[cut..]);
                    order = order[..cut];
                }
                await WriteAsync(test, order);
            }
        }

        /// <summary>The same ids, kind and start in another service: told apart by nothing else.</summary>
        private NaiveSpan Twin(NaiveSpan span) => span with { Resource = NaiveResource.Of("twin"), ParentSpanId = random.Next(2) == 0 ? span.ParentSpanId : spans.SpanId() };

        private async Task WriteAsync(TestStore test, NaiveSpan[] order)
        {
            if (order.Length > 0 && random.Next(4) == 0)
            {
                foreach (var trace in order.GroupBy(s => s.TraceId)) await SendAsync(test, Requests.Json(trace), trace);
            }
            else
            {
                await SendAsync(test, Requests.Protobuf(order), order);
            }
        }

        private async Task SendAsync(TestStore test, WriteRequest request, IEnumerable<NaiveSpan> of)
        {
            if (random.Next(3) == 0) request = Requests.Gzip(request);
            var receipt = await test.WriteAsync(request, of);
            if (receipt.Outcome != WriteOutcome.Stored) return;
            sent.AddRange(of);
            requests.Add(request);
        }
    }
}
