import type { Invocation } from '../command.js'
import { profileName } from '../connection.js'
import { layoutOf } from '../output/format.js'
import { rowPrinter } from '../output/print-rows.js'
import { profileNames, readProfile } from './profiles.js'

const ROW = { properties: { name: { type: 'string' }, url: { type: 'string' }, signedIn: {}, used: {} } } as const

/** Prints what `mgx login` has saved, without the keys. */
export async function printProfiles(invocation: Invocation): Promise<undefined> {
  const { env } = invocation.io
  const printer = rowPrinter(invocation.io, layoutOf(invocation, ROW))
  const used = profileName(invocation)
  for (const name of await profileNames(env)) {
    const profile = await readProfile(env, name)
    await printer.row({ name, url: profile?.url, signedIn: profile?.apiKey !== undefined, used: name === used })
  }
  await printer.end()
}
