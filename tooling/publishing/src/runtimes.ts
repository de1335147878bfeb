import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installInto, run } from './consumer-folder.js'

/** A program that runs JavaScript, and its arguments before the file name. */
export type Runtime = [program: string, ...args: string[]]

/** The runtimes to test, besides the current Node.js. */
const NODE = '24.21.0'
const BUN = '1.4.5'
const DENO = '2.9.6'

/** Kept between checks, because the runtimes are large and the same for every package. */
const folder = fileURLToPath(new URL('../node_modules/.runtimes/', import.meta.url))

/** Installs the runtimes from npm and returns them, together with the current Node.js. */
export async function installRuntimes(): Promise<Runtime[]> {
  const node = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  await installInto(folder, [`${node}@${NODE}`, `bun@${BUN}`, `deno@${DENO}`])
  const modules = join(folder, 'node_modules')
  return [
    [process.execPath],
    [join(modules, node, 'bin/node')],
    [join(modules, '.bin/bun')],
    [join(modules, '.bin/deno'), 'run', '--allow-all', '--quiet'],
  ]
}

/** Runs compiled consumers, each of which must exit. @throws Error when one exits with an error. */
export async function runConsumers([program, ...args]: Runtime, folder: string, files: string[]): Promise<void> {
  for (const file of files) await run(program, [...args, file], folder)
}
