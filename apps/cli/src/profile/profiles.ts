import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { CommandError, usageError } from '../exit-code.js'
import type { Io } from '../io.js'

/** A server, and the key of a person there; without a key after `mgx logout`. */
export type Profile = { url: string; apiKey?: string }

const NAME = /^[\w-][\w.-]{0,63}$/
const END = '.json'

/** Returns a saved profile; undefined when there is none. @throws CommandError when its file cannot be read. */
export async function readProfile(env: Io['env'], name: string): Promise<Profile | undefined> {
  const file = fileOf(env, name)
  try {
    const { url, apiKey } = JSON.parse(await readFile(file, 'utf8'))
    if (typeof url !== 'string') throw new Error('it has no url')
    return typeof apiKey === 'string' ? { url, apiKey } : { url }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CommandError(`cannot read ${file}: ${(error as Error).message}`, {
      next: 'Delete the file, and sign in again with: mgx login',
      cause: error,
    })
  }
}

/** Saves a profile for its owner only. The file is replaced as a whole, so nobody ever reads half of it. */
export async function writeProfile(env: Io['env'], name: string, profile: Profile): Promise<void> {
  const file = fileOf(env, name)
  const draft = `${file}.${crypto.randomUUID()}`
  try {
    await mkdir(profileFolder(env), { recursive: true, mode: 0o700 })
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(`${JSON.stringify(profile, null, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw new CommandError(`cannot write ${file}: ${(error as Error).message}`, { cause: error })
  }
}

/** Returns the names of all profiles, in alphabetical order. */
export async function profileNames(env: Io['env']): Promise<string[]> {
  const files = await readdir(profileFolder(env)).catch(() => [])
  return files
    .filter((file) => file.endsWith(END))
    .map((file) => file.slice(0, -END.length))
    .sort()
}

function fileOf(env: Io['env'], name: string): string {
  if (NAME.test(name)) return join(profileFolder(env), `${name}${END}`)
  throw usageError(`A profile cannot be named ${JSON.stringify(name)}: use letters, digits, dots, - and _`)
}

function profileFolder(env: Io['env']): string {
  const { XDG_CONFIG_HOME: xdg, APPDATA: roaming, HOME: home = homedir() } = env
  if (xdg) return join(xdg, 'mgx')
  return process.platform === 'win32' && roaming ? join(roaming, 'mgx') : join(home, '.config', 'mgx')
}
