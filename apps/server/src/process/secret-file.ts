import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartupError } from './startup-error.js'

const FILE = 'data/secret'

/**
 * The secret kept in a file that only its owner may read; undefined when there is none yet.
 * @throws StartupError when it cannot be read.
 */
export function keptSecret(file = FILE): string | undefined {
  const secret = reachable(file, () => read(file))
  if (secret === undefined || secret.length >= 32) return secret
  throw new StartupError([`MGX_SECRET: is not set and ${file} is damaged: set the variable, or delete the file`])
}

/**
 * Makes a secret and keeps it. Processes that start at the same moment get the same one.
 * @throws StartupError when it cannot be kept.
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

/** Written aside and then linked, so that no other process ever sees half a file, and the first one wins. */
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
