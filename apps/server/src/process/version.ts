import { readFileSync } from 'node:fs'

/** The version in this package's package.json, which lies one folder up from the sources and from the build. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
