import { defineConfig } from 'vitest/config';

/** What a real API server is for: minutes may pass while its programs are built for the first time. */
const endToEnd = {
  globalSetup: ['test/e2e/harness/global-setup.ts'],
  fileParallelism: false,
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'], testTimeout: 30_000 } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...endToEnd } },
      {
        test: {
          name: 'e2e-oldest',
          include: ['order', 'public-recipes', 'carve-out', 'what-users-see', 'namespace-labels'].map(
            (file) => `test/e2e/${file}.test.ts`,
          ),
          ...endToEnd,
        },
      },
    ],
  },
});
