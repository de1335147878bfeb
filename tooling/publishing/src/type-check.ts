import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { manifestOf, run } from './consumer-folder.js'

/** The compilers that services use. */
export const compilers = ['typescript-5', 'typescript-6', 'typescript']

/** The module resolutions that services use: that of Node.js, for ESM and CommonJS, and that of bundlers. */
const resolutions = [{ module: 'nodenext' }, { module: 'preserve', moduleResolution: 'bundler', noEmit: true }]

/**
 * Type-checks files in `folder` with every compiler and resolution, without `skipLibCheck` and with no types but `lib`.
 * @throws Error with the compiler, the options and the compiler's output.
 */
export async function typeCheck(folder: string, files: string[], lib: string[]): Promise<void> {
  const checks = compilers.map(async (compiler) => {
    for (const resolution of resolutions) await compile(compiler, folder, files, { ...resolution, lib })
  })
  await Promise.all(checks)
}

/** Returns what type-checking these files costs: seconds, and a count of types, which machine load does not change. */
export async function typeCost(compiler: string, folder: string, files: string[], lib: string[]) {
  const report = await compile(
    compiler,
    folder,
    files,
    { module: 'nodenext', noEmit: true, lib },
    '--extendedDiagnostics',
  )
  const figure = (name: string) => {
    const found = new RegExp(`^${name}:\\s*([\\d.]+)`, 'm').exec(report)?.[1]
    if (!found) throw new Error(`${compiler} does not say its ${name}:\n${report}`)
    return Number(found)
  }
  return { seconds: figure('Total time'), types: figure('Types') + figure('Instantiations') }
}

async function compile(compiler: string, folder: string, files: string[], options: object, ...args: string[]) {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    // The compiler's own declarations are not under test.
    skipDefaultLibCheck: true,
    target: 'ES2022',
    types: [],
    ...options,
  }
  const project = join(folder, `${compiler}.json`)
  await writeFile(project, JSON.stringify({ compilerOptions, files }))
  const { version, path } = await manifestOf(compiler)
  const done = run(process.execPath, [join(dirname(path), 'bin/tsc'), '-p', project, ...args], folder)
  return done.catch((error: Error) => {
    throw new Error(`TypeScript ${version}, ${JSON.stringify(options)}: ${error.message}`)
  })
}
