import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installInto, run } from './consumer-folder.js'

/** A program that runs JavaScript, and what comes before the name of the file. */
export type Runtime = [program: string, ...args: string[]]

/** What services run, besides the Node.js that this runs on. */
const NODE = '24.21.0'
const BUN = '1.4.5'
const DENO = '2.9.6'

/** Kept between checks: they are large, and the same for every package. */
const folder = fileURLToPath(new URL('../node_modules/.runtimes/', import.meta.url))

/** The runtimes that packages are run with. npm has each as a package. */
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

/** Runs compiled consumers; each ends by itself, with an error when something is wrong. */
export async function runConsumers([program, ...args]: Runtime, folder: string, files: string[]): Promise<void> {
  for (const file of files) await run(program, [...args, file], folder)
}
