// Sets of rows against the same sets as a BitArray of the library.
using System.Runtime.Intrinsics.X86;
using Waymark.Storage.Columns;

namespace Waymark.Storage.Tests.Columns;

public sealed class RowBitsTests
{
    private static readonly int[] Counts = [0, 1, 63, 64, 65, 1_000, 1_024, 8_191, 8_192];

    [Fact]
    public void Filling_sets_the_first_rows_and_no_others()
    {
        foreach (var count in Counts)
        {
            var bits = Random(new Random(count), 0.5);
            RowBits.Fill(bits, count);
            Assert.Equal(Enumerable.Range(0, count), Rows(bits));
            Assert.Equal(count, RowBits.Count(bits));
            Assert.Equal(count == 0, RowBits.IsEmpty(bits));
        }
    }

    [Fact]
    public void And_or_and_not_combine_as_sets_do()
    {
        var random = new Random(1);
        for (var round = 0; round < TestScale.Of(50); round++)
        {
            var a = Random(random, random.NextDouble());
            var b = Random(random, random.NextDouble());
            Assert.Equal(Rows(a).Intersect(Rows(b)).Order(), Rows(Applied(a, bits => RowBits.And(bits, b))));
            Assert.Equal(Rows(a).Union(Rows(b)).Order(), Rows(Applied(a, bits => RowBits.Or(bits, b))));
            Assert.Equal(Rows(a).Except(Rows(b)).Order(), Rows(Applied(a, bits => RowBits.AndNot(bits, b))));
        }
    }

    [Fact]
    public void Rows_are_found_counted_and_told_apart_from_any_place()
    {
        var random = new Random(2);
        for (var round = 0; round < TestScale.Of(50); round++)
        {
            var bits = Random(random, Math.Pow(random.NextDouble(), 6));
            var rows = Rows(bits);
            var set = rows.ToHashSet();
            for (var k = 0; k < 200; k++)
            {
                var row = random.Next(RowBits.Rows);
                var end = random.Next(row, RowBits.Rows + 1);
                Assert.Equal(set.Contains(row), RowBits.Contains(bits, row));
                Assert.Equal(rows.Count(r => r < row), RowBits.CountBefore(bits, row));
                Assert.Equal(rows.Exists(r => r >= row && r < end), RowBits.AnyIn(bits, row, end));
                Assert.Equal(rows.Exists(r => r >= row) ? rows.First(r => r >= row) : -1, RowBits.Next(bits, row));
                Assert.Equal(rows.Exists(r => r <= row) ? rows.Last(r => r <= row) : -1, RowBits.Previous(bits, row));
            }
            Assert.Equal(-1, RowBits.Next(bits, RowBits.Rows));
            Assert.Equal(-1, RowBits.Previous(bits, -1));
        }
    }

    [Fact]
    public void Expanding_puts_the_values_of_a_dense_column_on_its_rows()
    {
        var random = new Random(3);
        for (var round = 0; round < TestScale.Of(100); round++)
        {
            var presence = Random(random, random.Next(3) == 0 ? 1 : random.NextDouble());
            var rows = Rows(presence);
            var values = Random(random, random.NextDouble());
            var expected = rows.Where((_, k) => RowBits.Contains(values, k)).ToList();
            foreach (var deposit in new[] { false, true })
            {
                if (deposit && !Bmi2.X64.IsSupported) continue;
                var expanded = Random(random, 0.5);
                RowBits.Expand(values, presence, expanded, deposit);
                Assert.Equal(expected, Rows(expanded));
            }
        }
    }

    private static ulong[] Random(Random random, double density)
    {
        var bits = new ulong[RowBits.Words];
        for (var r = 0; r < RowBits.Rows; r++) bits[r / 64] |= random.NextDouble() < density ? 1UL << (r % 64) : 0;
        return bits;
    }

    private static ulong[] Applied(ulong[] bits, Action<ulong[]> change)
    {
        var copy = (ulong[])bits.Clone();
        change(copy);
        return copy;
    }

    private static List<int> Rows(ulong[] bits)
    {
        var rows = new List<int>();
        foreach (var row in RowBits.Enumerate(bits)) rows.Add(row);
        return rows;
    }
}
