import type { Command, Invocation } from '../command.js'
import { serverVariables } from '../config.js'
import { clientFor, LOCAL_SERVER, profileName } from '../connection.js'
import { requestOf } from '../describe-failure.js'
import { CommandError, EXIT, usageError } from '../exit-code.js'
import { say } from '../io.js'
import { readProfile, writeProfile } from '../profile/profiles.js'

const KEY = '-'

/** Saves the URL of a server and a key that works there. */
export const login: Command = {
  summary: 'Sign in with an API key, and keep it in a file that only you can read',
  details: () => ({
    options: [
      {
        flags: '--url <url>',
        description: `the base URL of the server (default: MGX_URL, the profile's, ${LOCAL_SERVER})`,
      },
      { flags: '--api-key <->', description: 'read the key from stdin, as is done where there is no terminal' },
    ],
    examples: ['mgx login --url https://mgx.example.com', 'mgx login --api-key - < key.txt'],
  }),
  shares: 'profile',
  async run(invocation) {
    const { io, options } = invocation
    const profile = profileName(invocation)
    const saved = await readProfile(io.env, profile)
    const url = (options.url as string | undefined) ?? serverVariables(io.env).url ?? saved?.url ?? LOCAL_SERVER
    const apiKey = await keyOf(invocation, url)
    const client = await clientFor(url, apiKey)
    const user = await client.users.me().catch((error) => {
      if (error.reason !== 'unauthenticated') throw error
      const why = `${url} does not accept this API key: it is wrong, expired or revoked${requestOf(error)}`
      throw new CommandError(why, {
        cause: error,
        exitCode: EXIT.notSignedIn,
        next: 'Nothing was saved. An admin creates keys with: mgx keys create',
      })
    })
    await writeProfile(io.env, profile, { url, apiKey })
    await say(
      io,
      `Signed in to ${url} as ${user.username} (${user.role})${profile === 'default' ? '' : `, profile ${profile}`}.`,
    )
    return undefined
  },
}

/** Returns the key from a person or from stdin: never from the arguments, which other programs can read. */
async function keyOf({ io, options }: Invocation, url: string): Promise<string> {
  if (options.apiKey !== undefined && options.apiKey !== KEY)
    throw usageError(
      '--api-key takes - only: a key in the arguments can be read by others',
      'mgx login --api-key - < FILE',
    )
  const asksPerson = io.ask !== undefined && options.apiKey === undefined
  const given = asksPerson ? await io.ask?.(`API key for ${url}: `, { secret: true }) : await io.readInput()
  const apiKey = (given ?? '').trim()
  if (apiKey === '')
    throw usageError('No API key was given', asksPerson ? undefined : 'Pass it on stdin: mgx login < FILE')
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw usageError('An API key is one word of printable ASCII')
  return apiKey
}
