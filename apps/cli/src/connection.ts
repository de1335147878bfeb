import type { createMgxClient, MgxClient, MgxError } from '@mgx/client'
import type { Invocation } from './command.js'
import { serverVariables } from './config.js'
import { CommandError, EXIT } from './exit-code.js'
import type { Io } from './io.js'
import { readProfile } from './profile/profiles.js'

/** Where a server listens that was started with no settings. */
export const LOCAL_SERVER = 'http://127.0.0.1:3210'

/** Where a command calls, and as whom: `MGX_URL` and `MGX_API_KEY` win over the profile. Its key goes to its own server only. */
export type Target = { profile: string; url: string; apiKey: string | undefined; isKeyForAnother: boolean }

/** Returns where the command calls, and as whom. */
export async function targetOf({ io, options }: Pick<Invocation, 'io' | 'options'>): Promise<Target> {
  const variables = serverVariables(io.env)
  const profile = profileName({ io, options })
  const saved = await readProfile(io.env, profile)
  const url = variables.url ?? saved?.url ?? LOCAL_SERVER
  const isKeyForAnother = saved?.apiKey !== undefined && addressOf(saved.url) !== addressOf(url)
  return { profile, url, apiKey: variables.apiKey ?? (isKeyForAnother ? undefined : saved?.apiKey), isKeyForAnother }
}

/** `http://host` and `http://HOST/` are one server. */
const addressOf = (url: string): string => (URL.canParse(url) ? new URL(url).href : url).replace(/\/+$/, '')

/** Returns the name of the profile that a command uses. */
export const profileName = ({ io, options }: Pick<Invocation, 'io' | 'options'>): string =>
  (options.profile as string | undefined) ?? serverVariables(io.env).profile ?? 'default'

/** Connects as the person who signed in. @throws CommandError when nobody did. */
export async function connect(invocation: Pick<Invocation, 'io' | 'options'>): Promise<MgxClient> {
  const target = await targetOf(invocation)
  if (target.apiKey === undefined) throw notSignedIn(target)
  return clientFor(target.url, target.apiKey)
}

/** Returns a client of a server. It tells nothing by itself, because stderr is for the words of the command. */
export async function clientFor(url: string, apiKey: string): Promise<MgxClient> {
  const client: { createMgxClient: typeof createMgxClient } = await import('@mgx/client')
  try {
    return client.createMgxClient({ url, apiKey, logger: { debug() {}, warn() {} } })
  } catch (error) {
    throw new CommandError((error as Error).message.replace('createMgxClient: ', ''), { exitCode: EXIT.usage })
  }
}

/** Returns whether an error is the client's, without loading the client. */
export const isMgxError = (error: unknown): error is MgxError =>
  error instanceof Error && 'reason' in error && 'requestId' in error

/** Returns what to do when the server does not accept the key. */
export const signInAgain = ({ env }: Io): string =>
  serverVariables(env).apiKey
    ? 'Give MGX_API_KEY a key that works, or unset it and sign in with: mgx login'
    : 'Sign in with: mgx login'

function notSignedIn({ url, profile, isKeyForAnother }: Target): CommandError {
  const as = profile === 'default' ? '' : ` as profile ${profile}`
  const why = isKeyForAnother ? ': the key of the profile is for another server' : ''
  return new CommandError(`Not signed in to ${url}${as}${why}.`, {
    exitCode: EXIT.notSignedIn,
    next: 'Sign in with: mgx login, or set MGX_API_KEY',
  })
}
