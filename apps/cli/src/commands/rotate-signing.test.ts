import { createSigningKey, listSigningKeys, migrateLatest, openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, test } from 'vitest'
import { mgxHere } from '../testing/run-here.js'

const mgx = (args: string[], env: Record<string, string>) => mgxHere(args, { env })

describe.each(testDatabases)('mgx keys on $name', (database) => {
  test('rotate-signing retires the current key and deletes its private part', async () => {
    const env = { DATABASE_URL: await database.url() }
    const missing = await mgx(['keys', 'rotate-signing'], env)
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringMatching(/mgx db migrate/) })
    const db = await openDatabase(env.DATABASE_URL)
    await migrateLatest(db)
    await createSigningKey(db, { keyId: 'first', publicKey: '{}', sealedKey: 'sealed' }, [])
    const rotated = await mgx(['keys', 'rotate-signing'], env)
    expect(rotated).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^Retired first\. It is published until 20\d\d-.*Z\.\nServers sign with a new key within seconds\.\n$/,
      ),
      stderr: '',
    })
    expect(await listSigningKeys(db)).toMatchObject([
      { keyId: 'first', sealedKey: null, retiredAt: expect.any(String) },
    ])
    expect((await mgx(['keys', 'rotate-signing'], env)).stdout).toMatch(/^Nothing to retire/)
    await db.destroy()
  })
})
