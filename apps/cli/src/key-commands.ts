import { openDatabase, retireSigningKeys, SYSTEM } from '@mgx/db'
import type { Command } from './command.js'
import { named, requireCurrent, usableState, withDatabase } from './database-access.js'

export const keyCommands: Record<string, Command> = {
  'keys rotate-signing': {
    summary:
      'Retire the keys that sign access tokens. Servers create a new one; valid tokens stay valid until they end.',
    run: (config) =>
      named(async () => {
        requireCurrent(await usableState(config))
        const { keys, until } = await withDatabase(openDatabase(config.databaseUrl, { poolMax: 2 }), (db) =>
          retireSigningKeys(db, { ...SYSTEM, actor: 'mgx keys rotate-signing' }),
        )
        for (const { keyId } of keys) console.log(`Retired ${keyId}. It is published until ${until}.`)
        console.log(
          keys.length === 0
            ? 'Nothing to retire: no key signs. A server creates one when it starts or issues a token.'
            : 'Servers sign with a new key within seconds.',
        )
      }),
  },
}
