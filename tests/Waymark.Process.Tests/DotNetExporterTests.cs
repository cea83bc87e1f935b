// The stock OpenTelemetry SDK for .NET and its OTLP exporter, over both transports.
using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Waymark.Process.Tests.Harness;

namespace Waymark.Process.Tests;

public sealed class DotNetExporterTests
{
    [Theory]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    [InlineData(OtlpExportProtocol.Grpc)]
    public async Task Spans_of_the_DotNet_exporter_come_back_as_they_were(OtlpExportProtocol protocol)
    {
        await using var waymark = await WaymarkProcess.Start();
        using var source = new ActivitySource($"waymark.tests.{protocol}", "2.3.4");
        var linked = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        Activity root, child;
        using (var provider = BuildProvider(waymark, source.Name, protocol))
        {
            using (root = source.StartActivity("GET /items", ActivityKind.Server, parentContext: default, links: [new ActivityLink(linked, new ActivityTagsCollection { ["why"] = "retry" })])!)
            {
                root.TraceStateString = "vendor=1";
                using (child = source.StartActivity("query", ActivityKind.Client)!)
                {
                    child.SetTag("db.system.name", "postgresql").SetTag("rows", 42).SetTag("ratio", 0.125).SetTag("cached", true).SetTag("shards", new[] { 1L, 2L });
                    child.AddException(new InvalidOperationException("connection lost"));
                    child.SetStatus(ActivityStatusCode.Error, "connection lost");
                }
            }

            Assert.True(provider.ForceFlush(20_000), "The exporter could not deliver.");
        }

        var trace = await waymark.WaitForTrace(root.TraceId.ToHexString(), trace => trace.Spans.Count == 2);
        AssertSame(root, trace.Single("dotnet-shop", "GET /items"), kind: 2);
        AssertSame(child, trace.Single("dotnet-shop", "query"), kind: 3);
        AssertDetails(trace, linked, source.Name);
    }

    private static void AssertSame(Activity sent, StoredSpan stored, int kind)
    {
        Assert.Equal(sent.SpanId.ToHexString(), stored.SpanId);
        Assert.Equal(sent.ParentSpanId == default ? "" : sent.ParentSpanId.ToHexString(), stored.ParentSpanId);
        Assert.Equal(kind, stored.Kind);
        Assert.Equal((sent.StartTimeUtc - DateTime.UnixEpoch).Ticks * 100, stored.Start);
        Assert.Equal((sent.StartTimeUtc + sent.Duration - DateTime.UnixEpoch).Ticks * 100, stored.End);
    }

    private static void AssertDetails(StoredTrace trace, ActivityContext linked, string scope)
    {
        var root = trace.Single("dotnet-shop", "GET /items");
        Assert.Equal(scope, root.Scope);
        Assert.Equal("vendor=1", root.TraceState);
        Assert.Equal(0, root.StatusCode);
        Assert.Equal("string:dotnet", root.Resource["telemetry.sdk.language"]);
        Assert.Equal("string:7.1", root.Resource["service.version"]);
        var link = Assert.Single(root.Links);
        Assert.Equal(linked.TraceId.ToHexString(), link.TraceId);
        Assert.Equal(linked.SpanId.ToHexString(), link.SpanId);
        Assert.Equal("string:retry", link.Attributes["why"]);

        var query = trace.Single("dotnet-shop", "query");
        Assert.Equal("string:postgresql", query.Attributes["db.system.name"]);
        Assert.Equal("int:42", query.Attributes["rows"]);
        Assert.Equal("double:0.125", query.Attributes["ratio"]);
        Assert.Equal("bool:true", query.Attributes["cached"]);
        Assert.Equal("array:[int:1,int:2]", query.Attributes["shards"]);
        Assert.Equal(2, query.StatusCode);
        Assert.Equal("connection lost", query.StatusMessage);
        var exception = Assert.Single(query.Events, e => e.Name == "exception");
        Assert.Equal("string:System.InvalidOperationException", exception.Attributes["exception.type"]);
        Assert.InRange(exception.Time, query.Start, query.End);
    }

    private static TracerProvider BuildProvider(WaymarkProcess waymark, string source, OtlpExportProtocol protocol) =>
        Sdk.CreateTracerProviderBuilder()
            .AddSource(source)
            .ConfigureResource(resource => resource.AddService("dotnet-shop", serviceVersion: "7.1"))
            .AddOtlpExporter(options =>
            {
                options.Protocol = protocol;
                options.Endpoint = protocol == OtlpExportProtocol.Grpc ? waymark.OtlpGrpc : new Uri(waymark.OtlpHttp, "/v1/traces");
            })
            .Build();
}
