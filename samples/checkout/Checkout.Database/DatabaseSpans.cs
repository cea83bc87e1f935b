// Spans for SQL statements, since the driver makes none: Microsoft.Data.Sqlite has neither a source nor a listener.
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Checkout.Shared.Tracing;
using Microsoft.Data.Sqlite;

namespace Checkout.Database;

/// <summary>Runs statements as client spans after OpenTelemetry's conventions for databases. Parameters carry the values, so that the text holds none.</summary>
/// <param name="database">The value of <c>db.namespace</c>.</param>
public sealed class DatabaseSpans(string database)
{
    /// <summary>INSERT, UPDATE, DELETE: the number of rows changed.</summary>
    public Task<int> ExecuteAsync(SqliteConnection connection, Statement statement, CancellationToken cancellation, params (string Name, object? Value)[] parameters) =>
        RunAsync(statement, async _ =>
        {
            await using var command = Command(connection, statement, parameters);
            return await command.ExecuteNonQueryAsync(cancellation);
        });

    /// <summary>SELECT: every row through <paramref name="read"/>.</summary>
    public Task<List<T>> QueryAsync<T>(SqliteConnection connection, Statement statement, Func<DbDataReader, T> read, CancellationToken cancellation, params (string Name, object? Value)[] parameters) =>
        RunAsync(statement, async span =>
        {
            await using var command = Command(connection, statement, parameters);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellation)) rows.Add(read(reader));
            span?.SetTag("db.response.returned_rows", rows.Count);
            return rows;
        });

    /// <summary>Where the waiting for the disk happens.</summary>
    public Task CommitAsync(DbTransaction transaction, CancellationToken cancellation) =>
        RunAsync(new Statement("COMMIT", Table: null, "COMMIT"), async _ =>
        {
            await transaction.CommitAsync(cancellation);
            return true;
        });

    private async Task<T> RunAsync<T>(Statement statement, Func<Activity?, Task<T>> run)
    {
        using var span = Spans.Source.StartActivity(statement.Summary, ActivityKind.Client);
        span?.SetTag("db.system.name", "sqlite")
            .SetTag("db.namespace", database)
            .SetTag("db.operation.name", statement.Operation)
            .SetTag("db.collection.name", statement.Table)
            .SetTag("db.query.summary", statement.Summary)
            .SetTag("db.query.text", statement.Text);
        try
        {
            return await run(span);
        }
        catch (SqliteException exception)
        {
            span.RecordFailure(exception);
            span?.SetTag("db.response.status_code", exception.SqliteErrorCode.ToString(CultureInfo.InvariantCulture));
            throw;
        }
    }

    /// <summary>The text is a constant of the program; what comes from outside are parameters.</summary>
    private static SqliteCommand Command(SqliteConnection connection, Statement statement, (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = statement.Text;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}

/// <summary>SQL with what it does and to what: <c>INSERT</c>, <c>orders</c>.</summary>
public sealed record Statement(string Operation, string? Table, string Text)
{
    /// <summary><c>INSERT orders</c></summary>
    public string Summary { get; } = Table is null ? Operation : $"{Operation} {Table}";
}
