// The `waymark` executable's entry.
using Waymark.Server.Commands;

return await WaymarkRoot.RunAsync(args, CommandContext.ForProcess());
