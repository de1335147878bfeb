import { ApiKey, CostRecord, PriceOverride, Project, Reservation, Session, User } from '@mgx/contract'
import type { Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { createLedger } from '../ledger/ledger.js'
import { createProject, updateProject, updateProjectStatus } from '../ledger/projects.js'
import * as models from '../models/models.js'
import { EVERYTHING as all } from '../scope.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'
import * as keys from './api-keys.js'
import * as records from './cost-records.js'
import * as prices from './prices.js'
import { getProject, listProjects } from './projects.js'
import * as sessions from './sessions.js'
import * as users from './users.js'

describe.each(testDatabases)('the results of the stores on $name', (database) => {
  let db: Knex
  const page = { limit: 10 }
  const ada = { username: 'ada', email: 'ada@example.com', role: 'member', spendingLimit: null } as const
  const key = { name: 'k', prefix: 'p', apiKeyHash: 'h', scopes: ['read' as const] }
  const price = { model: 'm', inputPrice: '1', outputPrice: '1', idempotencyKey: 'k' }
  const requester = { actor: 'test', requestId: 'test' }
  const call = { model: 'm', promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0 }
  const snake = { name: 'Snake', idea: 'A game', investment: '3', idempotencyKey: 'k' }

  beforeAll(async () => {
    db = await migratedDatabase(database)
  })
  afterAll(() => db?.destroy())

  test('are entities without hidden columns', async () => {
    const ledger = createLedger(db)
    const user = await users.createUser(db, ada)
    const apiKey = await keys.createApiKey(db, user.id, { ...key, lookup: 'a' })
    const project = await createProject(db, user.id, snake)
    const usage = { projectId: project.id, ...call }
    const { record } = await ledger.record(all, { ...usage, totalCost: '1', idempotencyKey: 'k' })
    const hold = { projectId: project.id, amount: '1', ttlSeconds: 60, idempotencyKey: 'k' }
    const { reservation } = await ledger.reserve(all, hold)
    const opened = { apiKeyId: apiKey.id, tokenLookup: 't', ttlSeconds: 60 }
    const session = await sessions.createSession(db, user.id, opened)
    const candidate = await keys.findApiKeyByLookup(db, 'a')
    const found = await sessions.findSessionByLookup(db, 't')
    const next = { projectId: project.id, after: 0, limit: 10 }

    const left: [z.ZodObject, unknown[]][] = [
      [
        User,
        [
          user,
          candidate?.user,
          found?.user,
          (await keys.findApiKeyOwnerByLookup(db, 'a'))?.user,
          await users.getUser(db, all, user.id),
          await users.getUserByUsername(db, all, 'ADA'),
          await users.updateUser(db, all, { id: user.id, email: 'ada@example.org' }),
          ...(await users.listUsers(db, all, page)).items,
        ],
      ],
      [
        ApiKey,
        [
          apiKey,
          candidate?.apiKey,
          await keys.getApiKey(db, all, apiKey.id),
          ...(await keys.listApiKeys(db, all, user.id, page)).items,
          await keys.replaceApiKey(db, all, apiKey.id, { ...key, lookup: 'b' }),
          await keys.revokeApiKey(db, all, apiKey.id),
        ],
      ],
      [
        Session,
        [
          session,
          found?.session,
          await sessions.getSession(db, all, { tokenLookup: 't' }),
          ...(await sessions.listSessions(db, all, page)).items,
          await sessions.closeSession(db, all, session.id),
        ],
      ],
      [CostRecord, [record, ...(await records.nextCostRecords(db, all, next))]],
      [CostRecord, (await records.listCostRecords(db, all, { ...page, projectId: project.id })).items],
      [Reservation, [reservation]],
      [
        Project,
        [
          project,
          await createProject(db, user.id, snake),
          await getProject(db, all, project.id),
          ...(await listProjects(db, all, page)).items,
          await updateProject(db, all, { id: project.id, name: 'Pong' }),
          await updateProjectStatus(db, all, { id: project.id, status: 'running' }),
        ],
      ],
      [
        PriceOverride,
        [
          await prices.setPrice(db, price, requester),
          await prices.setPrice(db, price, requester),
          ...(await prices.listPrices(db, page)).items,
        ],
      ],
    ]
    for (const [entity, values] of left) {
      expect(values.length).toBeGreaterThan(0)
      for (const value of values) expect(Object.keys(value as object).sort()).toEqual(Object.keys(entity.shape).sort())
    }
  })

  test.each(Object.values(models).map((model) => [model.tableName, model] as const))(
    'the JSON of a row of %s has no hidden columns either',
    async (_, model) => {
      const [row] = await (model as typeof models.UserModel).query(db).limit(1)
      expect(Object.keys(row?.toJSON() ?? {}).sort()).toEqual([...model.entityFields].sort())
    },
  )
})
