import { defineConfig } from 'vitest/config';

// `npm test` runs what needs only Node; `npm run test:clouds` and `npm run test:faults` choose their projects by name.
export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'node', include: ['test/{unit,contracts,conformance,e2e,fuzz,budget}/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'clouds',
          include: ['test/clouds/**/*.test.ts', 'test/runtime/**/*.test.ts'],
          fileParallelism: false,
        },
      },
      { extends: true, test: { name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 1_200_000 } },
    ],
  },
});
