import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = fileURLToPath(new URL('.', import.meta.url))
const home = join(here, '..')
const resolve = createRequire(import.meta.url).resolve

/** Packs the client into `folder` as it would be published; the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  const { packageManager } = JSON.parse(await readFile(join(home, '../../package.json'), 'utf8'))
  const hooks = `--config.pnpmfile=${join(here, 'pack-hooks.mjs')}`
  await run('npx', ['--yes', packageManager, 'pack', hooks, '--pack-destination', folder], home)
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
  if (!tarball) throw new Error('pnpm pack wrote no tarball')
  return join(folder, tarball)
}

/** Installs packages with npm in a folder of their own. */
export async function installInto(folder: string, packages: string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  await run('npm', ['install', '--no-audit', '--no-fund', ...packages], folder)
}

/** The version of a package that this repository uses. */
export async function versionOf(name: string): Promise<string> {
  return JSON.parse(await readFile(resolve(`${name}/package.json`), 'utf8')).version
}

/** Compiles the named consumers in `folder`, with nothing skipped and no types but `lib`. */
export async function typeCheck(folder: string, files: string[], lib: string[]): Promise<void> {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    module: 'nodenext',
    target: 'ES2022',
    lib,
    types: [],
  }
  for (const file of files) await copyFile(join(here, 'consumer', file), join(folder, file))
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  await run(join(folder, 'node_modules/.bin/tsc'), ['-p', folder], folder)
}

/** Runs compiled consumers; each ends by itself, with an error when something is wrong. */
export async function runWithNode(folder: string, files: string[]): Promise<void> {
  for (const file of files) await run(process.execPath, [file], folder)
}

async function run(command: string, args: string[], cwd: string): Promise<void> {
  const done = promisify(execFile)(command, args, { cwd })
  await done.catch(({ stdout, stderr }) => {
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  })
}
