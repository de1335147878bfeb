import type { Command } from '../command.js'
import { profileName } from '../connection.js'
import { layoutOf } from '../output/format.js'
import { rowPrinter } from '../output/print-rows.js'
import { profileNames, readProfile } from '../profile/profiles.js'

const ROW = { properties: { name: { type: 'string' }, url: { type: 'string' }, signedIn: {}, used: {} } } as const

/** Lists what `mgx login` has saved, without the keys. */
export const profiles: Command = {
  summary: 'List the profiles on this computer; --profile NAME or MGX_PROFILE chooses one',
  shares: 'results',
  async run(invocation) {
    const { io } = invocation
    const printer = rowPrinter(io, layoutOf(invocation, ROW))
    const used = profileName(invocation)
    for (const name of await profileNames(io.env)) {
      const profile = await readProfile(io.env, name)
      await printer.row({ name, url: profile?.url, signedIn: profile?.apiKey !== undefined, used: name === used })
    }
    await printer.end()
    return undefined
  },
}
