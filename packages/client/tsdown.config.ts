import { defineConfig } from 'tsdown'

const common = defineConfig({
  format: ['esm', 'cjs'],
  platform: 'neutral',
  target: 'es2022',
  // TypeScript 7 has no JavaScript API; the declarations are read off the sources, which tsc has checked.
  dts: { oxc: true },
  inputOptions: {
    resolve: { conditionNames: ['@mgx/source', 'import', 'default'] },
    treeshake: { moduleSideEffects: false },
  },
})

// The names stay, for stack traces.
const minify = { compress: true, mangle: false, codegen: { removeWhitespace: true } }

// Nothing is installed beside the package: what it needs of ours is inside it.
export default defineConfig([
  { ...common, entry: ['src/index.ts'], minify, noExternal: [/^@mgx\/contract/], inlineOnly: [] },
  {
    ...common,
    entry: { testing: 'src/memory-server/index.ts' },
    clean: false,
    minify,
    noExternal: [/^@mgx\/(contract|db|api)/],
    inlineOnly: [],
  },
  { ...common, entry: ['src/trpc.ts'], clean: false, external: ['@trpc/server'] },
])
