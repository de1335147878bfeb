import type { Knex } from 'knex'
import { Model } from 'objection'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fieldsOfKind } from './models/model-of.js'
import {
  ApiKeyModel,
  AuditEntryModel,
  CostRecordModel,
  IdentityModel,
  PriceModel,
  ProjectModel,
  ReservationModel,
  SessionModel,
  UserModel,
} from './models/models.js'
import { migratedDatabase, type TestDatabase, testDatabases } from './testing/index.js'

const models = [
  UserModel,
  ApiKeyModel,
  AuditEntryModel,
  IdentityModel,
  ProjectModel,
  CostRecordModel,
  ReservationModel,
  SessionModel,
  PriceModel,
]
const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

type Column = { name: string; nullable: boolean; type: string }

async function columnsOf(db: Knex, { name }: TestDatabase, table: string): Promise<Column[]> {
  if (name === 'sqlite') {
    const rows = await db.raw(`SELECT name, type, "notnull" OR pk AS required FROM pragma_table_info(?)`, [table])
    return rows.map((row: { name: string; type: string; required: number }) => ({
      ...row,
      nullable: row.required === 0,
    }))
  }
  const rows = await db('information_schema.columns').where({ table_name: table, table_schema: 'public' })
  return rows.map((row) => ({ name: row.columnName, nullable: row.isNullable === 'YES', type: row.dataType }))
}

/** The column types that a field may have, by its kind in the contract. */
function typesOf(schema: z.ZodObject, field: string): string[] {
  if (fieldsOfKind(schema, 'json').includes(field)) return ['jsonb', 'TEXT']
  if (fieldsOfKind(schema, 'instant').includes(field)) return ['timestamp with time zone', 'TEXT']
  if (fieldsOfKind(schema, 'usd').includes(field)) return ['bigint', 'INTEGER']
  if (fieldsOfKind(schema, 'breakdown').includes(field)) return ['text', 'TEXT']
  const isInteger = JSON.stringify(z.toJSONSchema(schema.shape[field] as z.ZodType)).includes('"integer"')
  return isInteger ? ['bigint', 'INTEGER'] : ['text', 'TEXT']
}

describe.each(testDatabases)('the schema on $name', (database) => {
  let db: Knex
  beforeAll(async () => {
    db = await migratedDatabase(database)
  })
  afterAll(() => db?.destroy())

  test.each(models.map((model) => [model.tableName, model] as const))(
    '%s has the columns of its zod schema',
    async (table, model) => {
      const columns = await columnsOf(db, database, table)
      const stored = Object.keys(model.schema.shape)
      expect(columns.map(({ name }) => name).sort()).toEqual(stored.map(snakeCase).sort())
      for (const field of stored) {
        const column = columns.find(({ name }) => name === snakeCase(field))
        const nullable = (model.schema.shape as Record<string, z.ZodType>)[field]?.safeParse(null).success
        expect({ field, nullable: column?.nullable }).toEqual({ field, nullable })
        expect(typesOf(model.schema, field)).toContain(column?.type)
      }
    },
  )

  test('a model without a database fails loudly', async () => {
    expect(Model.knex()).toBeUndefined()
    await expect(UserModel.query()).rejects.toThrow(/knex/)
  })

  test.each([
    ['a negative amount', { investment: -1 }],
    ['an amount past 2^53', { investment: '9007199254740993' }],
    ['an unknown status', { status: 'paused' }],
    ['an unknown user', { user_id: 99 }],
    ['a text for an amount', { investment: 'much' }],
  ])('the table itself refuses %s', async (_, wrong) => {
    await db('users')
      .insert({ id: 1, username: 'u', username_key: 'u', email: 'e', email_key: 'e' })
      .onConflict()
      .ignore()
    const row = { user_id: 1, name: 'n', idea: 'i', investment: 1 }
    await expect(db('projects').insert({ ...row, ...wrong })).rejects.toThrow()
    await db('projects').insert(row)
  })
})
