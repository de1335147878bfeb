import { configDefaults, defineConfig } from 'vitest/config'

// Workspace packages come from their sources; only tests that start a program need the build. Not `module`, which is for
// bundlers: Node cannot load what @opentelemetry/api has there.
const conditions = ['@mgx/source', 'node', 'development|production']

/** Tests that need programs which npm does not have; `npm run check:system` provides them. */
const systemTests = '{packages,apps,tooling}/*/src/**/*.system.test.ts'

/** Tests that compare times. They run alone after all others, so that these do not disturb what they measure. */
const measuring = 'apps/server/src/http/bombs.test.ts'

// One project for all packages, because a worker would load them again for each project.
export default defineConfig(({ mode }) => ({
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One more than the cores of a small machine, because many tests wait for timers and processes.
    maxWorkers: 3,
    // Loading the packages again for each file takes longer than many files themselves. Files leave no state behind.
    isolate: false,
    globalSetup: './vitest.global-setup.ts',
    projects:
      mode === 'system'
        ? [{ extends: true as const, test: { name: 'system', include: [systemTests] } }]
        : [
            {
              extends: true as const,
              test: {
                name: 'all',
                include: ['{packages,apps,tooling}/*/{src,generator}/**/*.test.ts'],
                exclude: [...configDefaults.exclude, systemTests, measuring],
              },
            },
            { extends: true as const, test: { name: 'measuring', include: [measuring], sequence: { groupOrder: 1 } } },
          ],
  },
}))
