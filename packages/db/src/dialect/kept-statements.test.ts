import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../database.js'
import { dialectOf } from './dialect.js'

test('a kept SQLite statement follows schema changes, and its file can be closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-kept-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const db = await openDatabase(`sqlite:${join(folder, 'kept.db')}`)
  const names = () => db.transaction((trx) => dialectOf(trx).query(trx, { sql: 'SELECT name FROM t', bindings: [] }))

  await expect(names()).rejects.toThrow('no such table: t')
  await db.raw('CREATE TABLE t (name TEXT)')
  expect(await names()).toEqual([])
  await db.raw(`INSERT INTO t VALUES ('a')`)
  expect(await names()).toEqual([{ name: 'a' }])
  await db.raw('ALTER TABLE t RENAME COLUMN name TO title')
  await expect(names()).rejects.toThrow('no such column: name')
  await db.raw('DROP TABLE t')
  await expect(names()).rejects.toThrow('no such table: t')
  await db.destroy()
})
