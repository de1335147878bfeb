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

test('a stopped server leaves nothing behind', async () => {
  const server = await startPostgres()
  const data = await ask(server.url, 'show data_directory')
  expect(existsSync(String(data))).toBe(true)

  await server.stop()
  await server.stop()
  expect(existsSync(String(data))).toBe(false)
  await expect(ask(server.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
})

test('a durable server that is restarted after a crash has all that was committed, and nothing else', async () => {
  const { url, crash, restart, stop } = await startPostgres({ durable: true })
  const open = new pg.Client({ connectionString: url })
  const cut = new Promise((resolve) => open.once('error', resolve))
  await open.connect()
  await open.query('create table kept (id integer)')
  await open.query('insert into kept values (1)')
  await open.query('begin')
  await open.query('insert into kept values (2)')

  await crash()
  await cut
  await expect(ask(url, 'select 1')).rejects.toThrow('ECONNREFUSED')
  await restart()
  expect(await ask(url, 'select array_agg(id) from kept')).toEqual([1])
  await stop()
})
