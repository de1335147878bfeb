import type { Command } from '../command.js'

/** Works on the database itself, so that it is possible while no server runs. */
export const rotateSigning: Command = {
  summary:
    'Retire the keys that sign access tokens; servers create a new one, and valid tokens stay valid until they end',
  shares: 'nothing',
  async run({ io }) {
    const { databaseConfig, named, requireCurrent, usableState, withDatabase } = await import('./database-access.js')
    const { openDatabase, retireSigningKeys, SYSTEM } = await import('@mgx/db')
    return named(async () => {
      const config = databaseConfig(io)
      requireCurrent(await usableState(config))
      const { keys, until } = await withDatabase(openDatabase(config.databaseUrl, { poolMax: 2 }), (db) =>
        retireSigningKeys(db, { ...SYSTEM, actor: 'mgx keys rotate-signing' }),
      )
      const lines = keys.map(({ keyId }) => `Retired ${keyId}. It is published until ${until}.`)
      const last =
        keys.length === 0
          ? 'Nothing to retire: no key signs. A server creates one when it starts or issues a token.'
          : 'Servers sign with a new key within seconds.'
      await io.stdout.write(`${[...lines, last].join('\n')}\n`)
    })
  },
}
