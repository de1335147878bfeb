import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { StartupError } from './startup-error.js'

const FILE = '.env'

/** Matches a blank line, a comment or `NAME=value`; quoted values may span several lines. */
const PIECE =
  /[ \t]*(?:(?:export[ \t]+)?(?<name>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|`[^`]*`|(?<plain>[^\s"'`#][^\n]*)?)[ \t]*)?(?:#[^\n]*)?(?:\n|$)/y

/** The place of each variable that was taken from the file, such as `PORT (.env, line 3)`, and the file's problems. */
export type DotEnv = { readonly places: ReadonlyMap<string, string>; readonly problems: readonly string[] }

/**
 * Adds the variables of `.env` in the working directory, if it exists, to `env`. Variables that are set already win.
 * @throws StartupError when the file exists and cannot be read.
 */
export function loadDotEnv(env: NodeJS.ProcessEnv): DotEnv {
  const text = read()
  const { places, problems } = placesIn(text)
  const values = parseEnv(text)
  for (const name of places.keys()) {
    if (env[name] === undefined) env[name] = values[name]
    else places.delete(name)
  }
  return { places, problems }
}

function read(): string {
  try {
    return readFileSync(FILE, 'utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return ''
    throw new StartupError([`${FILE}: cannot be read: ${message}`])
  }
}

/** Finds the variables and the problems; Node's `parseEnv` silently skips or truncates what it cannot read. */
function placesIn(text: string) {
  const places = new Map<string, string>()
  const problems: string[] = []
  let at = 0
  while (at < text.length) {
    const place = `${FILE}, line ${text.slice(0, at).split('\n').length}`
    PIECE.lastIndex = at
    const { name, plain } = PIECE.exec(text)?.groups ?? {}
    if (PIECE.lastIndex === 0) problems.push(`${place}: must be NAME=value, with quotes around the whole value or none`)
    else if (plain?.replace(/\s#.*/, '').includes('#')) problems.push(`${place}: a value with # must be in quotes`)
    else if (name) places.set(name, `${name} (${place})`)
    const end = text.indexOf('\n', at)
    at = PIECE.lastIndex || (end === -1 ? text.length : end + 1)
  }
  return { places, problems }
}
