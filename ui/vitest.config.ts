// Unit tests: pure functions in node; a test that needs a document says `// @vitest-environment happy-dom` in its first line.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'scripts/**/*.test.ts'],
  },
});
