// The table of answers is whole, and keeps OTLP's rules.
using Waymark.Ingest.Admission;
using Waymark.Model.Limits;
using Waymark.Model.Stores;
using Waymark.Protocols.Grpc;

namespace Waymark.Server.Tests.Receivers;

public sealed class AnswerTableTests
{
    private static readonly int[] RetryableHttp = [429, 502, 503, 504];

    private static IEnumerable<(string Name, AnswerRow Row)> Rows() =>
    [
        .. Enum.GetValues<Reject>().Select(static r => ($"Reject.{r}", AnswerTable.Row(r))),
        .. Enum.GetValues<Cut>().Select(static r => ($"Cut.{r}", AnswerTable.Row(r))),
        .. Enum.GetValues<Malformed>().Where(static r => r != Malformed.None).Select(static r => ($"Malformed.{r}", AnswerTable.Row(r))),
        .. Enum.GetValues<Refusal>().Where(static r => r != Refusal.None).Select(static r => ($"Refusal.{r}", AnswerTable.Row(r))),
        .. Enum.GetValues<TransportRefusal>().Select(static r => ($"TransportRefusal.{r}", AnswerTable.Row(r))),
    ];

    [Fact]
    public void Every_reason_has_a_row_with_a_sentence_of_its_own()
    {
        var rows = Rows().ToList();
        Assert.All(rows, static row => Assert.False(string.IsNullOrWhiteSpace(row.Row.Sentence), row.Name));
        Assert.Equal(rows.Count, rows.Select(static row => row.Row.Sentence).Distinct().Count());
        Assert.Equal(new AnswerRow(200, GrpcStatus.Ok, ""), AnswerTable.Row(Malformed.None));
        Assert.Equal(new AnswerRow(200, GrpcStatus.Ok, ""), AnswerTable.Row(Refusal.None));
    }

    [Fact]
    public void The_counts_of_a_report_have_room_for_every_reason()
    {
        var report = default(DecodeReport);
        foreach (var reason in Enum.GetValues<Reject>()) report.Count(reason);
        foreach (var what in Enum.GetValues<Cut>()) report.Count(what);
        Assert.Equal(Enum.GetValues<Reject>().Length, report.RejectedTotal);
        Assert.Equal(Enum.GetValues<Cut>().Length, report.CutTotal);
    }

    [Fact]
    public void Whatever_says_when_to_come_again_is_retryable_in_both_protocols_and_nothing_else_is()
    {
        foreach (var (name, row) in Rows())
        {
            var retry = row.RetryAfterSeconds > 0;
            Assert.Equal((name, retry), (name, RetryableHttp.Contains(row.HttpStatus)));
            if (retry) Assert.Equal((name, GrpcStatus.Unavailable), (name, row.GrpcStatus));
            else Assert.NotEqual((name, GrpcStatus.Unavailable), (name, row.GrpcStatus));
            if (retry) Assert.InRange(row.RetryAfterSeconds, 1, 5);
        }
    }

    [Fact]
    public void Store_refusals_are_all_retryable_and_malformed_bodies_never()
    {
        Assert.All(Enum.GetValues<Refusal>().Where(static r => r != Refusal.None), static r => Assert.Equal(503, AnswerTable.Row(r).HttpStatus));
        Assert.All(Enum.GetValues<Malformed>().Where(static r => r != Malformed.None), static r => Assert.Equal((400, GrpcStatus.InvalidArgument), (AnswerTable.Row(r).HttpStatus, AnswerTable.Row(r).GrpcStatus)));
    }
}
