// What every package's vitest.config.ts extends.

/** The settings that all packages share. */
export const base = {
  test: {
    include: ['test/**/*.test.ts'],
    passWithNoTests: true,
    restoreMocks: true,
    // A test that hangs fails; one on a busy machine is only slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores are what a build server has. More workers would make tests with real processes wait for each other.
    maxWorkers: 2,
    // `npm test` adds up these files, also those that turbo took from its cache.
    reporters: ['default', 'json'],
    outputFile: { json: '.results/vitest.json' },
  },
}
