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
  const rows: object[] = []
  const used = profileName(invocation)
  for (const name of await profileNames(env)) {
    const profile = await readProfile(env, name)
    rows.push({ name, url: profile?.url, signedIn: profile?.apiKey !== undefined, used: name === used })
  }
  // All are read before the first is printed, because one that is damaged ends the command.
  for (const row of rows) await printer.row(row)
  await printer.end()
}
