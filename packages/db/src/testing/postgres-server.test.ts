import { existsSync } from 'node:fs'
import pg from 'pg'
import { expect, test } from 'vitest'
import { startPostgres } from './postgres-server.js'

async function ask(url: string | undefined, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return Object.values((await client.query(sql)).rows[0])[0]
  } finally {
    await client.end()
  }
}

test('the run has one real PostgreSQL, at TEST_POSTGRES_URL', async () => {
  const url = process.env.TEST_POSTGRES_URL
  expect(url).toMatch(/^postgres(ql)?:\/\//)
  expect(await ask(url, 'select version()')).toMatch(/^PostgreSQL \d+/)
})

test('a server that is stopped leaves nothing behind', async () => {
  const server = await startPostgres()
  const data = await ask(server.url, 'show data_directory')
  expect(existsSync(String(data))).toBe(true)

  await server.stop()
  await server.stop()
  expect(existsSync(String(data))).toBe(false)
  await expect(ask(server.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
})
