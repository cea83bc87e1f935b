// Which of JSON and protobuf an Accept header gets from Tempo's trace routes.
using Microsoft.AspNetCore.Http;
using Waymark.Server.Api.Tempo;

namespace Waymark.Server.Tests.Api.Tempo;

public sealed class TraceEncodingTests
{
    [Theory]
    [InlineData(null, "Json")]
    [InlineData("", "Json")]
    [InlineData("*/*", "Json")]
    [InlineData("application/*", "Json")]
    [InlineData("application/json", "Json")]
    [InlineData("application/protobuf", "Protobuf")]
    [InlineData("application/x-protobuf", "Protobuf")]
    [InlineData("APPLICATION/PROTOBUF", "Protobuf")]
    [InlineData("application/protobuf; q=0.5", "Protobuf")]
    [InlineData("application/protobuf;q=0", "Json")]
    [InlineData("application/protobuf, */*", "Protobuf")]
    [InlineData("application/protobuf, */*;q=0.1", "Protobuf")]
    [InlineData("*/*, application/protobuf;q=0.5", "Json")]
    [InlineData("application/protobuf, application/json", "Protobuf")]
    [InlineData("application/json, application/protobuf", "Json")]
    [InlineData("application/protobuf;q=0.8, application/json;q=0.9", "Json")]
    [InlineData("application/json;q=0.8, application/protobuf;q=0.9", "Protobuf")]
    [InlineData("application/json;q=0, */*", "Protobuf")]
    [InlineData("text/html, application/xhtml+xml, */*;q=0.8", "Json")]
    [InlineData("text/html", "Json")]
    [InlineData("application/vnd.grafana.llm", "Json")]
    [InlineData("application/protobuf;q=x;;,,", "Json")]
    [InlineData("garbage, =;", "Json")]
    public void The_encoding_the_client_prefers_is_answered(string? accept, string encoding)
    {
        var request = new DefaultHttpContext().Request;
        if (accept is not null) request.Headers.Accept = accept;
        Assert.Equal(Enum.Parse<TraceEncoding>(encoding), TraceEncodings.Negotiate(request));
    }
}
