import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartupError } from './startup-error.js'

/**
 * The secret kept in a file that only its owner may read; made at the first call. Processes that start at the same
 * moment get the same one.
 * @throws StartupError when it can be neither read nor made.
 */
export function keptSecret(file = 'data/secret'): string {
  try {
    const secret = read(file) ?? make(file)
    if (secret.length >= 32) return secret
  } catch (error) {
    throw new StartupError([`MGX_SECRET: is not set and cannot be kept in ${file}: ${(error as Error).message}`])
  }
  throw new StartupError([`MGX_SECRET: is not set and ${file} is damaged: set the variable, or delete the file`])
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
