import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { examplesIn } from './examples.js'

/** Writes a file with the examples of all methods, one block each; returns its name. */
export async function writeExamples(folder: string): Promise<string> {
  const declarations = await readFile(join(folder, 'node_modules/@mgx/client/dist/index.d.ts'), 'utf8')
  const lines = [
    "import type { MgxClient } from '@mgx/client'",
    'declare const console: { log(fact: unknown): void }',
    'export async function examples(mgx: MgxClient) {',
    ...examplesIn(declarations).map(({ code }) => `{ ${code} }`),
    '}',
  ]
  await writeFile(join(folder, 'examples.mts'), lines.join('\n'))
  return 'examples.mts'
}

/** Writes files that import every subpath, so that all declarations are type-checked; returns their names. */
export async function writeEvery(folder: string): Promise<string[]> {
  const { name, exports } = JSON.parse(await readFile(join(folder, 'node_modules/@mgx/client/package.json'), 'utf8'))
  const code = Object.keys(exports).filter((path) => !path.endsWith('.json'))
  const specifiers = code.map((path) => name + path.slice(1))
  const lines = specifiers.map((specifier, index) => `export type * as entry${index} from '${specifier}'\n`)
  const files = ['every.mts', 'every.cts']
  for (const file of files) await writeFile(join(folder, file), lines.join(''))
  return files
}
