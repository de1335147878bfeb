import type { Command } from '../command.js'
import { serverVariables } from '../config.js'
import { profileName } from '../connection.js'
import { say } from '../io.js'
import { readProfile, writeProfile } from '../profile/profiles.js'

/** Forgets the key, and keeps the URL for the next sign-in. */
export const logout: Command = {
  summary: 'Remove the API key of the profile from this computer; the key itself stays valid',
  shares: 'profile',
  async run(invocation) {
    const { io } = invocation
    const name = profileName(invocation)
    const profile = await readProfile(io.env, name)
    if (profile?.apiKey === undefined) await say(io, `Profile ${name} has no key.`)
    else {
      await writeProfile(io.env, name, { url: profile.url })
      await say(io, `Signed out of ${profile.url}. To make the key useless: mgx keys revoke ID.`)
    }
    if (serverVariables(io.env).apiKey) await say(io, 'MGX_API_KEY is set and still signs you in.')
    return undefined
  },
}
