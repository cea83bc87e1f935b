// ./run --demo: Waymark, a shop of nine processes, and a release that makes some customers wait.
using Checkout.Demo;

if (args is [Guard.Command, var program, .. var rest]) return await Guard.RunAsync(program, rest);
if (!DemoOptions.TryParse(args, out var options, out var complaint))
{
    await Console.Error.WriteLineAsync(complaint);
    return 2;
}

if (options.IsHelpWanted)
{
    await Console.Out.WriteLineAsync(DemoOptions.Help);
    return 0;
}

using var stop = new StopSignals();
return await new DemoRun(options).RunAsync(stop.Token);
