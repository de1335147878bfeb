import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Packs the package in `home` into `folder` as it would be published, and returns the path of the tarball. */
export async function pack(home: string, folder: string): Promise<string> {
  const { packageManager } = JSON.parse(await readFile(join(here, '../../../package.json'), 'utf8'))
  const hooks = `--config.pnpmfile=${join(here, 'pack-hooks.mjs')}`
  const args = ['--yes', packageManager, 'pack', hooks, '--json', '--pack-destination', folder]
  return JSON.parse(await run('npx', args, home)).filename
}

/** Installs packages with npm in a folder, which is created if necessary. */
export async function installInto(folder: string, packages: string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  // --prefix, because npm treats a folder without a package.json as part of the workspace around it.
  await run('npm', ['install', '--prefix', '.', '--no-audit', '--no-fund', ...packages], folder)
}

/** Returns version and path of the manifest of a package, as resolved from `user`: a file URL, by default this file. */
export async function manifestOf(name: string, user = import.meta.url): Promise<{ version: string; path: string }> {
  const path = createRequire(user).resolve(`${name}/package.json`)
  return { version: JSON.parse(await readFile(path, 'utf8')).version, path }
}

/** Copies the files of `source` whose names are wanted into `folder` and returns their names. */
export async function copyConsumers(
  source: string,
  folder: string,
  isWanted: (name: string) => boolean = () => true,
): Promise<string[]> {
  const names = (await readdir(source)).filter(isWanted)
  for (const name of names) await copyFile(join(source, name), join(folder, name))
  return names
}

/** Runs a command and returns its stdout. @throws Error with its stdout and stderr when it fails. */
export async function run(command: string, args: string[], cwd: string): Promise<string> {
  const done = promisify(execFile)(command, args, { cwd })
  const { stdout } = await done.catch(({ stdout, stderr }) => {
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  })
  return stdout
}
