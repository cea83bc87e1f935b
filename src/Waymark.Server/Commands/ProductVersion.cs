// The version Waymark says it is.
using System.Reflection;

namespace Waymark.Server.Commands;

/// <summary>The product's version.</summary>
internal static class ProductVersion
{
    /// <summary>E.g. <c>0.1.0</c>.</summary>
    public static string Text { get; } = typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
