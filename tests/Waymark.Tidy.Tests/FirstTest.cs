namespace Waymark.Tidy.Tests;

public sealed class FirstTest
{
    [Fact]
    public void The_project_runs() => Assert.True(true);
}
