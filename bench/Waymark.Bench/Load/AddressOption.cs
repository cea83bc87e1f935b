// An option that takes a server's address.
using System.CommandLine;

namespace Waymark.Bench.Load;

internal static class AddressOption
{
    public static Option<Uri?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "URL",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens.Single().Value, UriKind.Absolute, out var address)) return address;
            result.AddError($"{name} takes an address such as http://127.0.0.1:4318.");
            return null;
        },
    };
}
