// Journeys: the published server, real processes and Debian's Chromium. `./build --demo` comes first.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['journeys/**/*.test.ts'],
    // One browser at a time: these measure nothing, but they wait for things.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000, interval: 40 } },
  },
});
