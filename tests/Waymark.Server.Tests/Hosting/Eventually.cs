// Waiting for what another thread is about to do.
using Microsoft.Extensions.DependencyInjection;
using Waymark.Ingest.Admission;

namespace Waymark.Server.Tests.Hosting;

internal static class Eventually
{
    /// <summary>Returns once the condition holds; fails after ten seconds.</summary>
    public static async Task TrueAsync(Func<bool> condition)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (condition()) return;
            await Task.Delay(10);
        }

        Assert.Fail("What was waited for did not happen within ten seconds.");
    }

    public static InFlightBytes InFlight(this IServiceProvider services) => services.GetRequiredService<InFlightBytes>();
}
