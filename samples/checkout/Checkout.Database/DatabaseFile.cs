// One SQLite file of one service, made when it is not there.
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;

namespace Checkout.Database;

/// <summary>In the folder that <c>data</c> names in the configuration; without it, in a new temporary folder.</summary>
public sealed class DatabaseFile
{
    private readonly string connectionString;

    public DatabaseFile(IConfiguration configuration, string name)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var folder = configuration["data"] ?? Directory.CreateTempSubdirectory("checkout-").FullName;
        Directory.CreateDirectory(folder);
        connectionString = new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, name + ".db") }.ConnectionString;
    }

    /// <summary>Creates the tables and what belongs in them at the start, all in one transaction. <paramref name="seed"/> must bear being run again.</summary>
    public async Task PrepareAsync(string tables, Action<SqliteConnection> seed)
    {
        ArgumentNullException.ThrowIfNull(seed);
        await using var connection = await OpenAsync(CancellationToken.None);
        await RunAsync(connection, "PRAGMA journal_mode = WAL");
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(connection, tables);
        seed(connection);
        await transaction.CommitAsync();
    }

    /// <summary>A pooled connection.</summary>
    public async Task<SqliteConnection> OpenAsync(CancellationToken cancellation)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task RunAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The callers' SQL is constant.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
