import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

type Files = ReadonlyMap<string, string>

/** Makes a folder contain exactly these files. With `--check`, only reports those that differ, with exit code 1. */
export async function emit(folder: URL, files: Files): Promise<void> {
  const stale = await differing(folder, files)
  if (process.argv.includes('--check')) {
    if (stale.length === 0) return
    process.stderr.write(
      `Stale in ${fileURLToPath(folder)}: ${stale.join(', ')}\nRun \`npm run generate\` and commit the result.\n`,
    )
    process.exitCode = 1
    return
  }
  await mkdir(folder, { recursive: true })
  for (const name of stale) {
    const text = files.get(name)
    await (text === undefined ? rm(new URL(name, folder)) : writeFile(new URL(name, folder), text))
  }
}

/** Returns the names of the files in a folder that are missing, stale or unexpected. */
export async function differing(folder: URL, files: Files): Promise<string[]> {
  const present = await readdir(folder).catch((): string[] => [])
  const found = await Promise.all(
    [...files].map(async ([name, text]) =>
      present.includes(name) && (await readFile(new URL(name, folder), 'utf8')) === text ? [] : [name],
    ),
  )
  return [...found.flat(), ...present.filter((name) => !files.has(name))].sort()
}
