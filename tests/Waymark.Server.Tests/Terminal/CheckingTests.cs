// The commands that look at files (`verify`, `inspect`), against a store that was really written.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Waymark.Model.Bodies;
using Waymark.Model.Limits;
using Waymark.Model.Stores;
using Waymark.Protocols.Otlp;
using Waymark.Server.Commands;
using Waymark.Server.Terminal;
using Waymark.Storage;
using Waymark.Storage.Checking;
using Waymark.Testing;

namespace Waymark.Server.Tests.Terminal;

public sealed class CheckingTests : IAsyncLifetime
{
    private readonly string directory = Path.Combine(Directory.CreateTempSubdirectory("waymark-checking-").FullName, "data");

    private string Segment => Directory.GetFiles(Path.Combine(directory, "segments"))[0];

    public async ValueTask InitializeAsync()
    {
        var options = new StoreOptions { Directory = directory, LogFileBytes = 1 << 20, ReserveBytes = 0 };
        await using var store = await SpanStore.OpenAsync(options, new OtlpBodyDecoder(), TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var spans = new RandomSpans(1) { MaxSpans = 30 };
        for (var i = 0; i < 10; i++) await store.WriteAsync(Request(spans.Trace()), CancellationToken.None);
        store.OrdinalOf("shop\u001b[31m");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Path.GetDirectoryName(directory)!, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_store_in_order_is_sound_and_ends_with_0()
    {
        var (exit, output, error) = await RunAsync("verify", directory);
        Assert.Equal((VerifyCommand.Sound, ""), (exit, error));
        Assert.Matches(@"^Checked \d+ files, [\d,]+ bytes, in \d+\.\d s: 1 segment, [\d,]+ spans, 10 traces, [\d,]+ pages\.\nSound\.\n$", output.Replace("\n", " ", StringComparison.Ordinal).Replace(". Sound. ", ".\nSound.\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_broken_is_named_with_its_place_and_the_way_out_and_ends_with_1()
    {
        Flip(Segment, 70);
        await File.WriteAllTextAsync(Path.Combine(directory, "stray\u001b[31m.txt"), "");
        var (exit, output, error) = await RunAsync("verify", directory, "--width", "100");
        Assert.Equal((VerifyCommand.ProblemsFound, ""), (exit, error));
        Assert.Contains($"segments/{Path.GetFileName(Segment)}\n  broken at byte 64: ", output, StringComparison.Ordinal);
        Assert.Contains("wrong checksum", output, StringComparison.Ordinal);
        Assert.Contains("backup", output, StringComparison.Ordinal);
        Assert.Contains("stray␛[31m.txt\n  note not a name of the store's\n", output, StringComparison.Ordinal);
        Assert.Matches(@"\n\d+ problems? in 1 file, \d notes?\.\n$", output);
        Assert.All(output.Split('\n'), line => Assert.True(Cells.Width(line) <= 100, line));
    }

    [Fact]
    public async Task The_json_of_a_check_says_the_same()
    {
        Flip(Segment, 70);
        var (exit, output, _) = await RunAsync("verify", directory, "--json");
        Assert.Equal(VerifyCommand.ProblemsFound, exit);
        using var json = JsonDocument.Parse(output);
        Assert.False(json.RootElement.GetProperty("sound").GetBoolean());
        Assert.Equal(10, json.RootElement.GetProperty("checked").GetProperty("traces").GetInt64());
        var finding = json.RootElement.GetProperty("findings")[0];
        Assert.Equal(("damage", Segment, 64), (finding.GetProperty("severity").GetString(), finding.GetProperty("file").GetString(), finding.GetProperty("offset").GetInt64()));
        Assert.False(json.RootElement.TryGetProperty("usedByProcess", out _));
    }

    [Fact]
    public async Task Beside_a_running_server_the_check_says_what_it_leaves_out()
    {
        await using var store = await SpanStore.OpenAsync(new StoreOptions { Directory = directory, ReserveBytes = 0 }, new OtlpBodyDecoder(), TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var (exit, output, _) = await RunAsync("verify", directory);
        Assert.Equal(VerifyCommand.Sound, exit);
        Assert.StartsWith($"Process {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)} has the store open", output, StringComparison.Ordinal);
        Assert.EndsWith("Sound as far as it was checked.\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify", "/nowhere/at all")]
    [InlineData("inspect", "/nowhere/at all")]
    [InlineData("inspect", "/bin/sh")]
    [InlineData("verify", "/usr")]
    public async Task What_can_not_be_checked_ends_with_2_and_one_sentence(params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(arguments);
        Assert.Equal((VerifyCommand.CannotCheck, ""), (exit, output));
        Assert.StartsWith("waymark: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Every_file_of_a_store_can_be_inspected()
    {
        foreach (var (path, kind) in new[] { (Segment, "segment"), ("manifest", "manifest"), ("services", "services"), ("LOCK", "lock"), (Directory.GetFiles(Path.Combine(directory, "wal"))[0], "log") })
        {
            var file = Path.Combine(directory, path);
            foreach (var width in new[] { "60", "100", "200" })
            {
                var (exit, output, error) = await RunAsync("inspect", file, "--width", width);
                Assert.Equal((VerifyCommand.Sound, ""), (exit, error));
                Assert.StartsWith($"{file}: {kind}, {new FileInfo(file).Length.ToString("N0", CultureInfo.InvariantCulture)} bytes\n", output, StringComparison.Ordinal);
                Assert.DoesNotContain('\u001b', output);
                if (width != "60") Assert.All(output.Split('\n').Skip(1), line => Assert.True(Cells.Width(line) <= int.Parse(width, CultureInfo.InvariantCulture), line));
            }
            var (_, json, _) = await RunAsync("inspect", file, "--json");
            using var parsed = JsonDocument.Parse(json);
            Assert.Equal(kind, parsed.RootElement.GetProperty("kind").GetString());
        }
    }

    [Fact]
    public async Task The_columns_of_a_segment_add_up_to_the_file()
    {
        var (_, output, _) = await RunAsync("inspect", Segment, "--json");
        using var json = JsonDocument.Parse(output);
        var tables = json.RootElement.GetProperty("tables");
        long Sum(string table, params string[] fields) => tables.GetProperty(table).EnumerateArray().Sum(row => fields.Sum(f => row.GetProperty(f).GetInt64()));
        var totals = tables.GetProperty("totals").EnumerateArray().ToDictionary(row => row.GetProperty("what").GetString()!, row => row.GetProperty("bytes").GetInt64());
        Assert.Equal(new FileInfo(Segment).Length, totals["the whole file"]);
        Assert.Equal(totals["the whole file"], totals.Where(t => t.Key != "the whole file").Sum(t => t.Value));
        Assert.Equal(totals["dictionaries"], Sum("dictionaries", "bytes"));
        Assert.Equal(totals["sections"], Sum("sections", "bytes"));
        Assert.Equal(totals["span fields"] + totals["span attributes"] + totals["events"] + totals["links"] + totals["trace table"] + totals["dictionaries"], Sum("columns", "pageBytes", "dictionaryBytes"));
        var sizes = tables.GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("pageBytes").GetInt64() + c.GetProperty("dictionaryBytes").GetInt64()).ToList();
        Assert.Equal(sizes.OrderDescending(), sizes);
    }

    [Fact]
    public async Task Piped_every_column_is_one_line_and_on_a_narrow_screen_two()
    {
        var (_, piped, _) = await RunAsync("inspect", Segment);
        var row = Assert.Single(piped.Split('\n'), line => line.StartsWith("span:id ", StringComparison.Ordinal));
        Assert.Contains("raw 1", row, StringComparison.Ordinal);
        var (_, narrow, _) = await RunAsync("inspect", Segment, "--width", "100");
        Assert.Matches(@"\nspan:id +number .*\n    encodings raw 1 · codec none · min [0-9a-f]{16} · max [0-9a-f]{16}\n", narrow);
    }

    [Fact]
    public async Task The_pages_of_one_column_are_listed()
    {
        var (exit, output, _) = await RunAsync("inspect", Segment, "--pages", "span:id", "--json");
        Assert.Equal(VerifyCommand.Sound, exit);
        using var json = JsonDocument.Parse(output);
        var page = Assert.Single(json.RootElement.GetProperty("tables").GetProperty("pages").EnumerateArray());
        Assert.Equal(("raw", "ok"), (page.GetProperty("encoding").GetString(), page.GetProperty("check").GetString()));
        var (missing, _, error) = await RunAsync("inspect", Segment, "--pages", "nosuch");
        Assert.Equal(VerifyCommand.CannotCheck, missing);
        Assert.Contains("span:start", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_segment_is_shown_as_far_as_it_can_be_read()
    {
        var whole = await File.ReadAllBytesAsync(Segment);
        // Anywhere: header, pages, directory, footer.
        for (var k = 0; k < 40; k++)
        {
            await File.WriteAllBytesAsync(Segment, whole);
            Flip(Segment, k * (whole.Length - 1) / 39);
            var (exit, output, error) = await RunAsync("inspect", Segment);
            Assert.InRange(exit, VerifyCommand.Sound, VerifyCommand.ProblemsFound);
            Assert.Empty(error);
            Assert.Contains("segment id", output, StringComparison.Ordinal);
        }
        await File.WriteAllBytesAsync(Segment, whole);
        Flip(Segment, 30);
        var (_, headless, _) = await RunAsync("inspect", Segment);
        Assert.Contains("broken at byte 0: header: wrong checksum", headless, StringComparison.Ordinal);
        Assert.Contains("span:start", headless, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(Segment, whole[..(whole.Length / 2)]);
        var (cut, half, _) = await RunAsync("inspect", Segment);
        Assert.Equal(VerifyCommand.ProblemsFound, cut);
        Assert.Contains("cut off?", half, StringComparison.Ordinal);
        Assert.Contains("store id", half, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_tells_the_exit_codes()
    {
        foreach (var command in new[] { "verify", "inspect" })
        {
            var (exit, help, _) = await RunAsync(command, "--help");
            Assert.Equal(0, exit);
            Assert.Contains("Exit codes:\n  0  ", help, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Progress_is_one_line_that_is_taken_away_again()
    {
        using var error = new StringWriter();
        var line = new ProgressLine(error, isTerminal: true, width: 40, TimeProvider.System);
        line.Show(new CheckProgress("/x/0000000000000001.wmseg", 1, 4, 25, 100));
        Assert.Equal("\r 25 %  file 1 of 4  0000000000000001.ws".Length, error.ToString().Length);
        line.Clear();
        Assert.EndsWith("\r", error.ToString(), StringComparison.Ordinal);
        using var piped = new StringWriter();
        new ProgressLine(piped, isTerminal: false, width: 40, TimeProvider.System).Show(new CheckProgress("/x", 1, 4, 25, 100));
        Assert.Empty(piped.ToString());
    }

    private static WriteRequest Request(IEnumerable<NaiveSpan> spans)
    {
        using var scratch = new PooledBuffer();
        using var body = new PooledBuffer();
        var sink = new OtlpEncodingSink(scratch);
        NaiveSender.Send(spans, ref sink);
        sink.Finish(body);
        var bytes = body.WrittenSpan.ToArray();
        return new WriteRequest(BodyKind.OtlpProtobuf, bytes, BodyCodec.None, bytes, SpanLimits.Default);
    }

    private static void Flip(string path, long offset)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 4));
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var root = new RootCommand { VerifyCommand.Create(), InspectCommand.Create() };
        var configuration = new InvocationConfiguration { Output = new StringWriter { NewLine = "\n" }, Error = new StringWriter { NewLine = "\n" } };
        var exit = await root.Parse(arguments).InvokeAsync(configuration);
        return (exit, configuration.Output.ToString()!, configuration.Error.ToString()!);
    }
}
