import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  // Jest still needs CommonJS, which tsdown warns about, and in CI a warning fails the build.
  checks: { legacyCjs: false },
  platform: 'node',
  fixedExtension: false,
  target: 'node20.19',
  sourcemap: true,
  // TypeScript 7 has no JavaScript API, so oxc generates the declarations.
  dts: { oxc: true },
  // Bundle the packages of this repository, and jose, which has no CommonJS; other packages from npm stay dependencies.
  noExternal: [/^@mgx\//, 'jose'],
  inlineOnly: ['jose'],
  inputOptions: {
    resolve: { conditionNames: ['@mgx/source', 'import', 'default'] },
    treeshake: { moduleSideEffects: false },
  },
})
