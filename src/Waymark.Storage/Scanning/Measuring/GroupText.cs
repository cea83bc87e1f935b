// What a group is called, wherever its spans lie.
using System.Text;
using Waymark.Model.Spans;
using Waymark.Model.Stores;
using Waymark.Storage.Head;

namespace Waymark.Storage.Scanning.Measuring;

internal static class GroupText
{
    public static string Of(SpanKind kind) => kind.ToString();

    public static string Of(StatusCode status) => status.ToString();

    /// <summary>The text that a resource's spans are grouped under, as far as it depends on the resource: its service, or an attribute. Null: none.</summary>
    public static string? OfResource(ReadOnlySpan<byte> blob, MeasureGroup by)
    {
        var isService = by.Field == MeasureField.Service;
        ReadOnlySpan<byte> key = isService ? "service.name"u8 : Encoding.UTF8.GetBytes(by.Key);
        var reader = new ElementBlob.Reader(blob);
        reader.Number();
        reader.Text();
        reader.Number();
        for (var count = reader.Number(); count > 0; count--)
        {
            reader.Attribute(out var name, out var type, out var number, out var content);
            if (!name.SequenceEqual(key) || (isService && type != AttributeType.Text)) continue;
            if (AttributeText.Of(type, number, content) is { } text) return text;
        }
        return null;
    }
}
