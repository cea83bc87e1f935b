// The bench program: one verb per measurement. How to run each and what came out: bench/RESULTS.md.
using System.CommandLine;
using Waymark.Bench.Columns;
using Waymark.Bench.Corpus;
using Waymark.Bench.Fuzz;
using Waymark.Bench.Ingest;
using Waymark.Bench.Index;
using Waymark.Bench.Kill;
using Waymark.Bench.Load;
using Waymark.Bench.Scan;
using Waymark.Bench.Store;

var root = new RootCommand("Measures Waymark on its synthetic corpus.")
{
    CorpusCommand.Build(),
    HttpCommand.Build(),
    StoreCommand.Build(),
    ScanCommand.Build(),
    ColumnsCommand.Build(),
    IngestCommand.Build(),
    FuzzCommand.Build(),
    IndexCommand.Build(),
    KillCommand.Build(),
};
return await root.Parse(args).InvokeAsync();
