import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { manifestOf, run } from './consumer-folder.js'

/** The compilers that services have. */
export const compilers = ['typescript-5', 'typescript-6', 'typescript']

/** How they find modules: as Node does, ESM and CommonJS apart, or as bundlers do. */
const resolutions = [{ module: 'nodenext' }, { module: 'preserve', moduleResolution: 'bundler', noEmit: true }]

/**
 * Compiles files in `folder` with every compiler and resolution, with nothing skipped and no types but `lib`.
 * @throws Error with what the compiler found, and which it was.
 */
export async function typeCheck(folder: string, files: string[], lib: string[]): Promise<void> {
  const checks = compilers.map(async (compiler) => {
    for (const resolution of resolutions) await compile(compiler, folder, files, { ...resolution, lib })
  })
  await Promise.all(checks)
}

/** What the compiler spent on these files: seconds, and how many types it made, which no busy machine changes. */
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
    // The compiler's own declarations are not what is checked here.
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
