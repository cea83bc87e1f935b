// The whole store when the disk goes wrong once, at every single operation, in every way.
using Waymark.Storage.Tests.FileSystem;
using Waymark.Testing;

namespace Waymark.Storage.Tests.Faults;

public sealed class StoreFaultTests
{
    [Fact]
    public async Task The_script_without_a_fault_keeps_what_it_should()
    {
        var disk = new FaultFileSystem();
        var client = new StoreClient(disk);
        await client.RunAsync("clean");
        Assert.Equal(0, client.Refusals);
        await client.CheckAsync(disk.PowerCut(), "clean, power cut");
        await client.CheckAsync(disk.Restart(), "clean");
    }

    [Fact]
    public Task A_failed_operation_anywhere_loses_and_doubles_nothing() => AtEveryOperationAsync(Fault.Fail);

    [Fact]
    public Task No_room_anywhere_loses_and_doubles_nothing() => AtEveryOperationAsync(Fault.DiskFull);

    [Fact]
    public Task A_torn_write_anywhere_loses_and_doubles_nothing() => AtEveryOperationAsync(Fault.Tear);

    [Fact]
    public Task A_crash_anywhere_loses_and_doubles_nothing() => AtEveryOperationAsync(Fault.Crash);

    [Theory]
    [InlineData(Durability.Interval)]
    [InlineData(Durability.Os)]
    public Task A_crash_of_the_process_loses_nothing_in_the_weaker_modes(Durability durability) => AtEveryOperationAsync(Fault.Crash, durability);

    [Fact]
    public async Task The_script_with_carry_over_and_without_a_fault_keeps_what_it_should()
    {
        var disk = new FaultFileSystem();
        var client = new StoreClient(disk, lingers: true);
        await client.RunAsync("clean");
        Assert.Equal(0, client.Refusals);
        Assert.NotEqual(0, client.MostCarried);
        await client.CheckAsync(disk.PowerCut(), "clean, power cut");
        await client.CheckAsync(disk.Restart(), "clean");
    }

    [Theory]
    [InlineData("Fail")]
    [InlineData("DiskFull")]
    [InlineData("Tear")]
    [InlineData("Crash")]
    public Task Carry_over_loses_and_doubles_nothing_when_any_operation_goes_wrong(string fault) => AtEveryOperationAsync(Enum.Parse<Fault>(fault), lingers: true);

    [Theory]
    [InlineData(Durability.Interval)]
    [InlineData(Durability.Os)]
    public Task Carry_over_loses_nothing_in_a_crash_of_the_process_in_the_weaker_modes(Durability durability) => AtEveryOperationAsync(Fault.Crash, durability, lingers: true);

    private static async Task AtEveryOperationAsync(Fault fault, Durability durability = Durability.Sync, bool lingers = false)
    {
        var clean = new FaultFileSystem();
        await new StoreClient(clean, durability, lingers).RunAsync("clean");
        // Much of the time goes by waiting for the next look whether there is room.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = fault == Fault.DiskFull ? 16 : 4 };
        await Parallel.ForEachAsync(Enumerable.Range(1, clean.Operations), parallel, async (operation, _) => await RunAsync(operation, fault, durability, lingers));
    }

    private static async Task RunAsync(int operation, Fault fault, Durability durability, bool lingers)
    {
        var context = $"{fault} at {operation}, {durability}{(lingers ? ", carrying over" : "")}";
        var disk = new FaultFileSystem(seed: operation);
        disk.Arm(operation, fault);
        var client = new StoreClient(disk, durability, lingers);
        await client.RunAsync(context);
        if (durability != Durability.Sync || fault == Fault.Crash) await client.CheckAsync(disk.Restart(), $"{context}, restart");
        if (durability != Durability.Sync) return;
        await client.CheckAsync(disk.PowerCut(), $"{context}, power cut");
        if (fault != Fault.Crash && TestScale.Factor == 1) return;
        for (var luck = 0; luck < TestScale.Factor; luck++)
            await client.CheckAsync(disk.PowerCut(new Random((operation * 100) + luck)), $"{context}, torn {luck}", mayAlarm: true);
    }
}
