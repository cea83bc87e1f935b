// The document says what is there, and what is there answers as the document says.
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Waymark.Server.Tests.Terminal;
using Waymark.Model.Spans;
using Waymark.Testing;

namespace Waymark.Server.Tests.Api.Native;

public sealed class OpenApiTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Every_mapped_route_is_in_the_document_and_every_documented_route_is_mapped()
    {
        await using var host = await ApiHost.StartAsync();
        var documented = (await host.GetAsync("/api/v1/openapi.json"))["paths"]!.AsObject().Select(p => p.Key);
        var mapped = host.Endpoints.Select(e => e.RoutePattern.RawText!).Where(p => !p.Contains("**", StringComparison.Ordinal));
        Assert.Equal(documented.Order(StringComparer.Ordinal), mapped.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_document_that_the_uis_types_are_made_from_is_the_one_the_server_gives()
    {
        await using var host = await ApiHost.StartAsync();
        var document = await host.GetAsync("/api/v1/openapi.json");
        Golden.CheckFile("ui/api/openapi.json", document.ToJsonString(Readable).ReplaceLineEndings("\n") + "\n");
    }

    [Fact]
    public async Task The_document_is_openapi_3_1_with_unique_operation_ids_and_live_references()
    {
        await using var host = await ApiHost.StartAsync();
        var document = await host.GetAsync("/api/v1/openapi.json");
        Assert.Equal("3.1.0", document["openapi"]!.GetValue<string>());
        var ids = document["paths"]!.AsObject().Select(p => p.Value!["get"]!["operationId"]!.GetValue<string>()).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            var inPath = item!["get"]!["parameters"]!.AsArray().Where(p => p!["in"]!.GetValue<string>() == "path").Select(p => "{" + p!["name"]!.GetValue<string>() + "}");
            Assert.All(inPath, name => Assert.Contains(name, path, StringComparison.Ordinal));
            Assert.Equal(path.Count(c => c == '{'), inPath.Count());
        }
    }

    [Fact]
    public async Task Real_answers_fit_the_documents_schemas()
    {
        await using var host = await ApiHost.StartAsync(ApiHost.SomeCounts());
        var document = await host.GetAsync("/api/v1/openapi.json");
        for (var seed = 0; seed < 6; seed++)
        {
            var spans = new RandomSpans(seed) { Oddity = 0.3 }.Traces(4);
            host.Store.Add(spans);
            var span = spans[0];
            await Fits(host, document, "/api/v1/traces", "/api/v1/traces?limit=2");
            await Fits(host, document, "/api/v1/traces/{id}", $"/api/v1/traces/{span.TraceId}");
            await Fits(host, document, "/api/v1/traces/{id}/layout", $"/api/v1/traces/{span.TraceId}/layout");
            await Fits(host, document, "/api/v1/traces/{id}/spans", $"/api/v1/traces/{span.TraceId}/spans?ids={span.SpanId},ffffffffffffffff");
            await Fits(host, document, "/api/v1/traces/{id}/spans/{spanId}", $"/api/v1/traces/{span.TraceId}/spans/{span.SpanId}");
            await Fits(host, document, "/api/v1/traces/{id}/otlp", $"/api/v1/traces/{span.TraceId}/otlp");
            await Fits(host, document, "/api/v1/traces/{id}/find", $"/api/v1/traces/{span.TraceId}/find?text=e");
            await Fits(host, document, "/api/v1/traces/{id}/backlinks", $"/api/v1/traces/{LinkedTrace(spans)}/backlinks");
            await Fits(host, document, "/api/v1/root-durations", $"/api/v1/root-durations?service={Uri.EscapeDataString(span.Service)}&operation={Uri.EscapeDataString(span.Name)}");
            await Fits(host, document, "/api/v1/traces/remedies", $"/api/v1/traces/remedies?service={Uri.EscapeDataString(span.Service)}&status=error&from=now-1h");
        }
        await Fits(host, document, "/api/v1/attributes", "/api/v1/attributes");
        await Fits(host, document, "/api/v1/services", "/api/v1/services");
        await Fits(host, document, "/api/v1/operations", "/api/v1/operations");
        await Fits(host, document, "/api/v1/status", "/api/v1/status");
        await Fits(host, document, "/api/v1/openapi.json", "/api/v1/openapi.json");
    }

    private static TraceId LinkedTrace(List<NaiveSpan> spans) => spans.SelectMany(s => s.Links).FirstOrDefault()?.TraceId ?? spans[0].TraceId;

    [Fact]
    public async Task Everything_in_the_document_is_described()
    {
        await using var host = await ApiHost.StartAsync();
        var document = await host.GetAsync("/api/v1/openapi.json");
        var missing = new List<string>();
        foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject()) FindUndescribed(name, schema!, missing);
        Assert.Empty(missing);
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            Assert.NotEmpty(item!["get"]!["summary"]!.GetValue<string>());
            Assert.All(item["get"]!["parameters"]!.AsArray(), p => Assert.NotEmpty(p!["description"]!.GetValue<string>()));
            // The client that is generated of it calls by these.
            Assert.Matches("^[a-z][A-Za-z]+$", item["get"]!["operationId"]!.GetValue<string>());
        }
    }

    /// <summary>Names properties without a description, but for words of an enumeration and lists whose elements have one, which speak for themselves.</summary>
    private static void FindUndescribed(string path, JsonNode schema, List<string> missing)
    {
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            var isDescribed = property!["description"] is not null || property["enum"] is not null || property["items"]?["description"] is not null;
            if (!isDescribed && property["properties"] is null) missing.Add($"{path}.{name}");
            FindUndescribed($"{path}.{name}", property, missing);
        }
        if (schema["items"] is { } items) FindUndescribed(path + "[]", items, missing);
    }

    [Theory]
    [InlineData("/api/v1/traces?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/traces?servce=x", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/traces?from=200&to=100", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/traces/1", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/nonsense", HttpStatusCode.NotFound)]
    public async Task Problems_fit_the_documents_schema(string url, HttpStatusCode status)
    {
        await using var host = await ApiHost.StartAsync();
        var document = await host.GetAsync("/api/v1/openapi.json");
        var problem = await host.FailAsync(url, status);
        Assert.Empty(new SchemaCheck(document).Violations(document["components"]!["schemas"]!["Problem"]!, problem));
    }

    private static async Task Fits(ApiHost host, JsonNode document, string path, string url)
    {
        var schema = document["paths"]![path]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!;
        var violations = new SchemaCheck(document).Violations(schema, await host.GetAsync(url));
        Assert.True(violations.Count == 0, $"{url}: {string.Join("; ", violations.Take(5))}");
    }
}
