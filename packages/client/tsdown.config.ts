import { defineConfig } from 'tsdown'

const common = defineConfig({
  format: ['esm', 'cjs'],
  platform: 'neutral',
  target: 'es2022',
  // What is published is for reading, in stack traces too: whoever bundles it makes it small.
  sourcemap: true,
  // TypeScript 7 has no JavaScript API; the declarations are read off the sources, which tsc has checked.
  dts: { oxc: true },
  inputOptions: {
    resolve: { conditionNames: ['@mgx/source', 'import', 'default'] },
    treeshake: { moduleSideEffects: false },
  },
})

// Nothing is installed beside the package: what it needs of ours is inside it.
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
