import { defineConfig } from 'vitest/config'

// Workspace packages come from their sources; only tests that start a program need the build.
const conditions = ['@mgx/source', 'module', 'node', 'development|production']

function project(root: string, ...include: string[]) {
  return {
    ssr: { resolve: { conditions } },
    test: {
      name: root.replace(/^.*\//, ''),
      root,
      include: ['src/**/*.test.ts', ...include],
      testTimeout: 30_000,
      hookTimeout: 60_000,
    },
  }
}

export default defineConfig({
  test: {
    // One more than the cores of a small machine, because many tests wait for timers and processes.
    maxWorkers: 3,
    globalSetup: './vitest.global-setup.ts',
    projects: [
      project('packages/contract'),
      project('packages/db'),
      project('packages/api', 'generator/**/*.test.ts'),
      project('packages/testing'),
      project('packages/client', 'generator/**/*.test.ts'),
      project('tooling/publishing'),
      project('apps/server'),
      project('apps/cli'),
    ],
  },
})
