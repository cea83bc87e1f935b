// One request to a route, its parameters read and checked.
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Query.Search;

namespace Waymark.Server.Api.Native;

/// <summary>A request with typed parameters, and the ways to answer it.</summary>
/// <param name="now">The moment relative times refer to.</param>
internal sealed class RouteCall(HttpContext http, UnixNanos now)
{
    private readonly Dictionary<Parameter, List<object>> values = new(ReferenceEqualityComparer.Instance);

    public HttpContext Http => http;
    public UnixNanos Now => now;
    public CancellationToken Cancellation => http.RequestAborted;
    public ITraceStore Store => http.RequestServices.GetRequiredService<ITraceStore>();

    /// <summary>Reads every parameter; the first that is wrong, unknown ones included, comes back as the problem.</summary>
    public Problem? Read(IReadOnlyList<Parameter> parameters)
    {
        foreach (var given in http.Request.Query.Keys)
        {
            if (!parameters.Any(p => p.Place == ParameterPlace.Query && p.Name.Equals(given, StringComparison.OrdinalIgnoreCase)))
            {
                return Problem.Unknown(given, parameters.Where(p => p.Place == ParameterPlace.Query).Select(p => p.Name));
            }
        }
        foreach (var parameter in parameters)
        {
            if (Read(parameter) is { } problem) return problem;
        }
        return null;
    }

    private Problem? Read(Parameter parameter)
    {
        var texts = parameter.Place == ParameterPlace.Path ? [http.Request.RouteValues[parameter.Name] as string] : http.Request.Query[parameter.Name].ToArray();
        if (texts.Length == 0) return parameter.IsRequired ? Problem.Missing(parameter) : null;
        if (texts.Length > 1 && !parameter.IsRepeatable) return Problem.Repeated(parameter, texts.Length);
        var list = new List<object>(texts.Length);
        foreach (var text in texts)
        {
            if (parameter.Parse(text ?? "", now) is not { } value) return Problem.BadValue(parameter, text ?? "");
            list.Add(value);
        }
        values[parameter] = list;
        return null;
    }

    /// <summary>A required parameter.</summary>
    public T Get<T>(Parameter<T> parameter)
        where T : notnull => (T)values[parameter][0];

    public T Get<T>(Parameter<T> parameter, T fallback)
        where T : notnull => values.TryGetValue(parameter, out var list) ? (T)list[0] : fallback;

    public T? Find<T>(Parameter<T> parameter)
        where T : struct => values.TryGetValue(parameter, out var list) ? (T)list[0] : null;

    public string? Find(Parameter<string> parameter) => values.TryGetValue(parameter, out var list) ? (string)list[0] : null;

    /// <summary>The texts of a parameter of the query as they came; none when it was not given.</summary>
    public IReadOnlyList<string> Texts(Parameter parameter) => [.. http.Request.Query[parameter.Name].Select(t => t ?? "")];

    /// <summary>The time that scans for this request may take.</summary>
    public ScanBudget OpenBudget() => new(http.RequestServices.GetRequiredService<TimeProvider>(), ScanBudget.Default, Cancellation);

    public IEnumerable<T> All<T>(Parameter<T> parameter)
        where T : notnull => values.TryGetValue(parameter, out var list) ? list.Cast<T>() : [];

    /// <summary>The trace of the path, whole; null after a 404 has been written.</summary>
    public Task<SpanBlock?> FindTraceAsync() => FindTraceAsync(SpanSelection.All);

    /// <summary>All spans of the trace of the path, with the parts that are selected; null after a 404 has been written.</summary>
    public async Task<SpanBlock?> FindTraceAsync(SpanSelection selection)
    {
        var id = Get(Parameters.TraceId);
        var block = await Store.FindTraceAsync(id, selection, Cancellation);
        if (block is null) await FailAsync(Problem.NotFound($"There is no trace {id} in the store.", Parameters.TraceId.Name, id.ToString()));
        return block;
    }

    public Task FailAsync(Problem problem) => problem.WriteAsync(http);

    /// <summary>Opens a streamed JSON answer.</summary>
    public JsonAnswer OpenJson()
    {
        http.Response.ContentType = "application/json";
        return new JsonAnswer(http.Response.BodyWriter);
    }

    /// <summary>Answers with one object.</summary>
    public async Task AnswerAsync<T>(T value, JsonTypeInfo<T> type)
    {
        await using var answer = OpenJson();
        JsonSerializer.Serialize(answer.Json, value, type);
        await answer.FinishAsync();
    }
}
