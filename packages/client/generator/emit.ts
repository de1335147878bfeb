import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The names of the files in `folder` that are missing, stale, or nobody's. */
export async function differing(folder: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const present = await readdir(folder).catch((): string[] => [])
  const found = await Promise.all(
    [...files].map(async ([name, text]) =>
      present.includes(name) && (await readFile(join(folder, name), 'utf8')) === text ? [] : [name],
    ),
  )
  return [...found.flat(), ...present.filter((name) => !files.has(name))].sort()
}

/** Makes `folder` hold exactly `files`. */
export async function emit(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const name of await differing(folder, files)) {
    const text = files.get(name)
    await (text === undefined ? rm(join(folder, name)) : writeFile(join(folder, name), text))
  }
}
