import { defineConfig } from 'tsdown'

const common = defineConfig({
  format: ['esm', 'cjs'],
  platform: 'neutral',
  target: 'es2022',
  // Published unminified, with source maps, so that stack traces are readable; applications minify their own bundles.
  sourcemap: true,
  // TypeScript 7 has no JavaScript API, so oxc generates the declarations from the sources; tsc has checked them.
  dts: { oxc: true },
  inputOptions: {
    resolve: { conditionNames: ['@mgx/source', 'import', 'default'] },
    treeshake: { moduleSideEffects: false },
  },
})

// The package has no dependencies: the code it needs from @mgx/contract is bundled.
export default defineConfig([
  {
    ...common,
    entry: ['src/index.ts'],
    noExternal: [/^@mgx\/contract/],
    inlineOnly: [],
    copy: ['../api/src/generated/contract.json'],
  },
  { ...common, entry: ['src/trpc.ts'], clean: false, external: ['@trpc/server'] },
])
