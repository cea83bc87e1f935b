// Whether a column's next page is worth the look for something smaller than plain packing.
namespace Waymark.Storage.Columns;

/// <summary>
/// A column's pages are alike: one that gained nothing by any other encoding says that the next will not either. So the looks become rarer the longer they are in vain, though never rarer than one page
/// in eight, and every page is looked at again from the first that gains.
/// </summary>
internal sealed class PlanTries
{
    private const int MostSkipped = 7;
    private int inVain;
    private int toSkip;

    public bool IsWorthIt()
    {
        if (toSkip == 0) return true;
        toSkip--;
        return false;
    }

    /// <summary>After a look: whether it was worth it.</summary>
    public void Note(bool gained)
    {
        inVain = gained ? 0 : Math.Min(inVain + 1, MostSkipped);
        toSkip = Math.Max(0, inVain - 1);
    }
}
