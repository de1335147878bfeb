import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartupError } from './startup-error.js'

const FILE = 'data/secret'

/**
 * Reads the secret from a file that only its owner may read. Returns undefined when there is no file.
 * @throws StartupError when it cannot be read or is damaged.
 */
export function keptSecret(file = FILE): string | undefined {
  const secret = reachable(file, () => read(file))
  if (secret === undefined || secret.length >= 32) return secret
  throw new StartupError([`MGX_SECRET: is not set and ${file} is damaged: set the variable, or delete the file`])
}

/**
 * Creates a secret and writes it to the file. Processes that start at the same moment get the same one.
 * @throws StartupError when it cannot be written.
 */
export function keepNewSecret(file = FILE): string {
  return reachable(file, () => make(file))
}

function reachable<Result>(file: string, access: () => Result): Result {
  try {
    return access()
  } catch (error) {
    throw new StartupError([`MGX_SECRET: is not set and cannot be kept in ${file}: ${(error as Error).message}`])
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes a draft and links it, so that no other process ever reads half a file and the first process wins. */
function make(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  return readFileSync(file, 'utf8').trim()
}
