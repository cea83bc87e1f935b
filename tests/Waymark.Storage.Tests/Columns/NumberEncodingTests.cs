// The encodings a page of numbers may be planned into: each gives back what it was given, none costs more than packing, and no bytes make a decoder fail otherwise than by saying so.
using Waymark.Model.Bodies;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class NumberEncodingTests
{
    private static readonly int[] Counts = [1, 2, 3, 16, 100, 127, 128, 129, 1_000, 1_023, 1_024, 1_025, 3_000, 8_191, 8_192];

    public static TheoryData<string> Names => [.. Distributions.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planned_page_comes_back_at_every_vector_level_and_is_never_larger_than_a_packed_one(string name)
    {
        var random = new Random(name.Length);
        for (var round = 0; round < TestScale.Of(2); round++)
        {
            foreach (var count in Counts)
            {
                var numbers = Distributions.Make(name, random, count);
                var plan = NumberPage.Plan(numbers);
                Assert.Equal((numbers.Min(), numbers.Max()), (plan.Min, plan.Max));
                var packed = NumberPage.PlanPacked(numbers).Bytes;
                Assert.True(plan.Bytes <= packed, $"{count}: {plan} takes more than {packed} packed");
                var stored = new byte[plan.Bytes];
                NumberPage.Encode(numbers, plan, stored);
                foreach (var level in Enum.GetValues<SimdLevel>()) Comes_back(numbers, stored, plan, level);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_page_says_what_the_document_says_it_does(string name)
    {
        var random = new Random(name.Length);
        foreach (var count in new[] { 1, 100, 1_025, 5_000 })
        {
            var numbers = Distributions.Make(name, random, count);
            var plan = NumberPage.Plan(numbers);
            var stored = new byte[plan.Bytes];
            NumberPage.Encode(numbers, plan, stored);
            var document = new DocumentDecoder(stored);
            Assert.Equal(numbers, document.Page((int)plan.Encoding, plan.Min, plan.Max, count));
            Assert.True(document.AtEnd);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_stream_comes_back_with_another_behind_it(string name)
    {
        var random = new Random(name.Length);
        foreach (var count in Counts)
        {
            var numbers = Distributions.Make(name, random, count);
            using var buffer = new PooledBuffer();
            NumberStream.Write(numbers, buffer);
            NumberStream.WritePacked(numbers, buffer);
            var from = buffer.WrittenSpan;
            var (first, second) = (new long[count], new long[count]);
            Assert.True(NumberStream.TryRead(ref from, first));
            Assert.True(NumberStream.TryRead(ref from, second));
            Assert.True(from.IsEmpty);
            Assert.Equal(numbers, first);
            Assert.Equal(numbers, second);
        }
    }

    [Theory]
    [InlineData("same over a trace", nameof(PageEncoding.RunLength), 0.3)]
    [InlineData("long runs", nameof(PageEncoding.RunLength), 0.01)]
    [InlineData("ports", nameof(PageEncoding.PageDictionary), 0.2)]
    [InlineData("a thousand ids", nameof(PageEncoding.PageDictionary), 0.3)]
    [InlineData("row distances", nameof(PageEncoding.Patched), 0.5)]
    [InlineData("few far above", nameof(PageEncoding.Patched), 0.15)]
    [InlineData("few far below", nameof(PageEncoding.Patched), 0.35)]
    [InlineData("few on both sides", nameof(PageEncoding.Patched), 0.4)]
    [InlineData("milliseconds as nanoseconds", nameof(PageEncoding.Scaled), 0.6)]
    [InlineData("multiples of twelve below zero", nameof(PageEncoding.Scaled), 0.85)]
    [InlineData("small", nameof(PageEncoding.Interleaved), 1)]
    [InlineData("any 64 bits", nameof(PageEncoding.Raw), 1)]
    public void Each_kind_of_column_gets_the_encoding_made_for_it(string name, string encoding, double share)
    {
        for (var seed = 0; seed < TestScale.Of(5); seed++)
        {
            var numbers = Distributions.Make(name, new Random(seed), 8_192);
            var plan = NumberPage.Plan(numbers);
            Assert.Equal(encoding, plan.Encoding.ToString());
            Assert.True(plan.Bytes <= share * NumberPage.PlanPacked(numbers).Bytes, $"{plan.Bytes} of {NumberPage.PlanPacked(numbers).Bytes} packed");
        }
    }

    [Fact]
    public void A_plan_is_encoded_rightly_after_other_pages_were_planned_and_from_another_thread()
    {
        var random = new Random(1);
        var pages = Distributions.Names.Select(name => Distributions.Make(name, random, 5_000)).ToArray();
        var plans = pages.Select(page => NumberPage.Plan(page)).ToArray();
        for (var i = 0; i < pages.Length; i++)
        {
            var (page, plan) = (pages[i], plans[i]);
            var here = new byte[plan.Bytes];
            NumberPage.Encode(page, plan, here);
            Comes_back(page, here, plan, BitPacking.Best);
            var there = new byte[plan.Bytes];
            var thread = new Thread(() => NumberPage.Encode(page, plan, there));
            thread.Start();
            thread.Join();
            Assert.Equal(here, there);
        }
    }

    [Fact]
    public void Planning_and_encoding_allocate_nothing_once_warm()
    {
        var random = new Random(3);
        var pages = Distributions.Names.Select(name => Distributions.Make(name, random, 8_192)).ToArray();
        var into = new byte[65_536];
        // The two buffers that forms are made in change places, so each meets the largest page only after a few rounds.
        for (var i = 0; i < 4; i++) Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            foreach (var page in pages)
            {
                var plan = NumberPage.Plan(page);
                NumberPage.Encode(page, plan, into.AsSpan(0, plan.Bytes));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_pages_are_decoded_or_refused_and_nothing_around_them_matters(string name)
    {
        var random = new Random(name.Length);
        for (var round = 0; round < TestScale.Of(150); round++)
        {
            var numbers = Distributions.Make(name, random, random.Next(1, round % 3 == 0 ? 3_000 : 300));
            var plan = NumberPage.Plan(numbers);
            var stored = new byte[plan.Bytes];
            NumberPage.Encode(numbers, plan, stored);
            for (var change = 0; change < 8; change++) Damage.Decode(Damage.Mutate(stored, random), numbers.Length, random, (bytes, into) => NumberPage.TryDecode(bytes, plan.Encoding, plan.Min, plan.Max, into));
            foreach (var encoding in Enum.GetValues<PageEncoding>())
                Damage.Decode(Damage.Mutate(stored, random), numbers.Length, random, (bytes, into) => NumberPage.TryDecode(bytes, encoding, plan.Min, plan.Max, into));
        }
    }

    [Fact]
    public void Bytes_of_chance_are_refused_or_decoded_by_every_encoding()
    {
        var random = new Random(11);
        var encodings = Enum.GetValues<PageEncoding>();
        for (var round = 0; round < TestScale.Of(20_000); round++)
        {
            var bytes = new byte[random.Next(80)];
            for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(9));
            var encoding = encodings[random.Next(encodings.Length)];
            var (min, max) = (random.Next(-2, 3), random.NextInt64() >> random.Next(64));
            Damage.Decode(bytes, random.Next(1, 40), random, (stored, into) => NumberPage.TryDecode(stored, encoding, min, max, into));
        }
    }

    private static void Comes_back(long[] numbers, byte[] stored, in NumberPlan plan, SimdLevel level)
    {
        var into = new long[numbers.Length];
        Assert.True(NumberPage.TryDecode(stored, plan.Encoding, plan.Min, plan.Max, into, level), $"{plan} is refused");
        Assert.Equal(numbers, into);
        var narrow = new int[numbers.Length];
        var fits = plan.Min >= int.MinValue && plan.Max <= int.MaxValue;
        Assert.Equal(fits, NumberPage.TryDecode(stored, plan.Encoding, plan.Min, plan.Max, narrow, level));
        if (fits) Assert.Equal(numbers, narrow.Select(n => (long)n));
    }
}
