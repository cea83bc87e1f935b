// Decides which rows of a block match a condition: exactly, column by column, with every text looked at once however many rows have it. One definition for the query and for stores that count.
using System.Buffers;
using System.Diagnostics;
using System.Text;
using Waymark.Model.Spans;

namespace Waymark.Model.Stores;

/// <summary>Evaluates one <see cref="SpanCondition"/> over blocks. Stateless between blocks; safe for any number of threads.</summary>
public sealed class ConditionEvaluator
{
    private readonly Predicate[] predicates;

    public ConditionEvaluator(SpanCondition condition) => predicates = [.. condition.All.Select(p => new Predicate(p))];

    /// <summary>Clears the entries of rows that do not match; <paramref name="rows"/> has one entry per row of the block. Rows that are clear already are not looked at.</summary>
    public void Narrow(SpanBlock block, Span<bool> rows)
    {
        foreach (var predicate in predicates) predicate.Narrow(block, rows);
    }

    private sealed class Predicate(SpanPredicate source)
    {
        private readonly byte[] text = Encoding.UTF8.GetBytes(source.Text);
        private readonly byte[] key = Encoding.UTF8.GetBytes(source.Key);
        private readonly AttributeText attributeText = new(source.Text);
        private readonly bool isContains = source.Operator == PredicateOperator.Contains;

        public void Narrow(SpanBlock block, Span<bool> rows)
        {
            switch (source.Field)
            {
                case SpanField.Service when !isContains:
                    NarrowByService(block, rows);
                    break;
                case SpanField.Name:
                    NarrowByName(block, rows);
                    break;
                case SpanField.Kind:
                    for (var r = 0; r < rows.Length; r++) rows[r] &= (long)block.Kind[r] == source.Number;
                    break;
                case SpanField.Status:
                    for (var r = 0; r < rows.Length; r++) rows[r] &= (long)block.Status[r] == source.Number;
                    break;
                case SpanField.Duration when source.Operator == PredicateOperator.AtLeast:
                    for (var r = 0; r < rows.Length; r++) rows[r] &= block.Duration(r).Value >= source.Number;
                    break;
                case SpanField.Duration when source.Operator == PredicateOperator.AtMost:
                    for (var r = 0; r < rows.Length; r++) rows[r] &= block.Duration(r).Value <= source.Number;
                    break;
                case SpanField.Attribute:
                    NarrowByAttribute(block, rows);
                    break;
                case SpanField.LinkedTrace:
                    for (var r = 0; r < rows.Length; r++) rows[r] &= HasLink(block.Links, r);
                    break;
                default:
                    throw new UnreachableException($"No predicate {source.Field} {source.Operator}.");
            }
        }

        private void NarrowByService(SpanBlock block, Span<bool> rows)
        {
            var matches = new bool[block.Resources.Length];
            for (var i = 0; i < matches.Length; i++) matches[i] = block.Texts.Utf8(block.Resources[i].Service).SequenceEqual(text);
            for (var r = 0; r < rows.Length; r++) rows[r] &= matches[block.Resource[r]];
        }

        private void NarrowByName(SpanBlock block, Span<bool> rows)
        {
            using var verdicts = new Verdicts(block.Texts.Count);
            for (var r = 0; r < rows.Length; r++)
            {
                if (rows[r]) rows[r] = Matches(block.Texts, block.Name[r], verdicts);
            }
        }

        private void NarrowByAttribute(SpanBlock block, Span<bool> rows)
        {
            using var keys = new Verdicts(block.Texts.Count);
            using var values = new Verdicts(block.Texts.Count);
            var resources = new bool[block.Resources.Length];
            for (var i = 0; i < resources.Length; i++) resources[i] = HasMatch(block.Texts, block.Resources[i].Attributes, keys, values);
            for (var r = 0; r < rows.Length; r++)
            {
                if (rows[r]) rows[r] = resources[block.Resource[r]] || HasMatch(block.Texts, block.Attributes.Of(r), keys, values);
            }
        }

        private bool HasLink(LinkTable links, int row)
        {
            var (first, end) = links.Of(row);
            return links.TraceIds.AsSpan(first, end - first).Contains(source.Trace);
        }

        private bool HasMatch(TextTable texts, ReadOnlySpan<AttributeEntry> attributes, Verdicts keys, Verdicts values)
        {
            foreach (ref readonly var attribute in attributes)
            {
                if (!IsText(texts, attribute.Key, key, keys)) continue;
                var matches = attribute.Type == AttributeType.Text
                    ? Matches(texts, attribute.Content, values)
                    : !isContains && attributeText.Matches(attribute.Type, attribute.Number, texts.Utf8(attribute.Content));
                if (matches) return true;
            }
            return false;
        }

        /// <summary>Whether a text equals or contains the operand's.</summary>
        private bool Matches(TextTable texts, int code, Verdicts known)
        {
            if (!isContains || code < 0) return IsText(texts, code, text, known);
            ref var verdict = ref known.Of(code);
            if (verdict == Verdict.Unknown) verdict = texts.Utf8(code).IndexOf(text) >= 0 ? Verdict.Yes : Verdict.No;
            return verdict == Verdict.Yes;
        }

        private static bool IsText(TextTable texts, int code, byte[] text, Verdicts known)
        {
            if (code < 0) return text.Length == 0;
            ref var verdict = ref known.Of(code);
            if (verdict == Verdict.Unknown) verdict = texts.Utf8(code).SequenceEqual(text) ? Verdict.Yes : Verdict.No;
            return verdict == Verdict.Yes;
        }
    }

    private enum Verdict : byte
    {
        Unknown,
        No,
        Yes,
    }

    /// <summary>What is known about each text code of one block, on a pooled array.</summary>
    private readonly struct Verdicts : IDisposable
    {
        private readonly Verdict[] byCode;

        public Verdicts(int count)
        {
            byCode = ArrayPool<Verdict>.Shared.Rent(count);
            byCode.AsSpan(0, count).Clear();
        }

        public ref Verdict Of(int code) => ref byCode[code];

        public void Dispose() => ArrayPool<Verdict>.Shared.Return(byCode);
    }
}
