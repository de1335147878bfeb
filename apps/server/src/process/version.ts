import { readFileSync } from 'node:fs'

/** Reads the version from this package's package.json, which has the same relative path from `src` and from `dist`. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
