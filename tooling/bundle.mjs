// `node ../../tooling/bundle.mjs` in the folder of a program: bundles it and its dependencies into dist/. A bundle starts in
// half the time, because finding and reading a thousand files is most of what a start takes.
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The entries of each program; each becomes a file, as does what they import only when it is needed. @type {Record<string, string[]>} */
const PROGRAMS = {
  'apps/server': ['src/main.ts', '../../packages/api/src/authentication/argon2-worker.js'],
  'apps/cli': ['src/main.ts'],
}

/** Drivers that Knex and pg load only where they are used. */
const UNUSED = ['better-sqlite3', 'mariadb', 'mysql', 'mysql2', 'oracledb', 'pg-native', 'pg-query-stream', 'tedious']

/** What code from CommonJS packages expects. */
const BANNER = `import { createRequire as createRequireOfBundle } from 'node:module'
const require = createRequireOfBundle(import.meta.url)`

/**
 * Bundles a program, except for its `dependencies`: native code, and files that are served as they are. Those are installed
 * beside it.
 *
 * @param {string} program
 * @param {{ write: boolean }} options
 */
async function bundle(program, { write }) {
  const folder = join(ROOT, program)
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (write) await rm(join(folder, 'dist'), { recursive: true, force: true })
  return build({
    absWorkingDir: folder,
    entryPoints: (PROGRAMS[program] ?? []).map((path) => ({ in: path, out: basename(path).replace(/\.\w+$/, '') })),
    outdir: 'dist',
    write,
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'node',
    target: 'node20.19',
    conditions: ['@mgx/source'],
    external: [...Object.keys(dependencies), ...UNUSED],
    banner: { js: BANNER },
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
  })
}

/** Returns the folders of all packages that the bundles of all programs contain. */
export async function bundledPackages() {
  const bundles = await Promise.all(Object.keys(PROGRAMS).map((program) => bundle(program, { write: false })))
  const files = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs))
  const folders = files.flatMap((file) => /^(?:\.\.\/)*(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [])
  return [...new Set(folders)].map((folder) => join(ROOT, folder))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle(relative(ROOT, process.cwd()).replaceAll('\\', '/'), { write: true })
}
