import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  fixedExtension: false,
  target: 'node20.19',
  sourcemap: true,
  // As of the client: TypeScript 7 has no JavaScript API.
  dts: { oxc: true },
  // The packages of this repository are inside; what npm has is installed beside it.
  noExternal: [/^@mgx\//],
  inlineOnly: [],
  inputOptions: {
    resolve: { conditionNames: ['@mgx/source', 'import', 'default'] },
    treeshake: { moduleSideEffects: false },
  },
})
