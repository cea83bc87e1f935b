// One process test at a time: each drives several processes and measures time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
