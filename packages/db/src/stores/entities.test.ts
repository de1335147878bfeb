import { ApiKey, CostRecord, Identity, PriceOverride, Project, Reservation, Session, User } from '@mgx/contract'
import type { Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { SYSTEM } from '../audit/audit-log.js'
import { createLedger } from '../ledger/ledger.js'
import { createProject, updateProject, updateProjectStatus } from '../ledger/projects.js'
import * as models from '../models/models.js'
import { EVERYTHING as all } from '../scope.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'
import * as keys from './api-keys.js'
import * as records from './cost-records.js'
import * as identities from './identities.js'
import * as prices from './prices.js'
import { getProject, listProjects } from './projects.js'
import { listReservations } from './reservations.js'
import * as sessions from './sessions.js'
import * as users from './users.js'

describe.each(testDatabases)('the results of the stores on $name', (database) => {
  let db: Knex
  const page = { limit: 10 }
  const ada = { username: 'ada', email: 'ada@example.com', role: 'member', spendingLimit: null } as const
  const key = { name: 'k', prefix: 'p', apiKeyHash: 'h', scopes: ['read' as const] }
  const price = { model: 'm', inputPrice: '1', outputPrice: '1', idempotencyKey: 'k' }
  const requester = { actor: 'test', credential: null, requestId: 'test', address: null }
  const call = { model: 'm', promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0 }
  const snake = { name: 'Snake', idea: 'A game', investment: '3', idempotencyKey: 'k' }

  beforeAll(async () => {
    db = await migratedDatabase(database)
  })
  afterAll(() => db?.destroy())

  test('are entities without hidden columns', async () => {
    const ledger = createLedger(db)
    const user = await users.createUser(db, ada, SYSTEM)
    const apiKey = await keys.createApiKey(db, user.id, { ...key, lookup: 'a' }, SYSTEM)
    const project = await createProject(db, user.id, snake, SYSTEM)
    const usage = { projectId: project.id, ...call }
    const { record } = await ledger.record(all, { ...usage, totalCost: '1', idempotencyKey: 'k' })
    const hold = { projectId: project.id, amount: '1', ttlSeconds: 60, idempotencyKey: 'k' }
    const { reservation } = await ledger.reserve(all, hold)
    const opened = { kind: 'token', apiKeyId: apiKey.id, tokenLookup: 't', ttlSeconds: 60 } as const
    const name = { issuer: 'https://issuer.example', subject: 'ada' }
    const identity = await identities.createIdentity(db, { ...name, userId: user.id }, SYSTEM)
    const session = await sessions.createSession(db, user.id, opened, SYSTEM)
    const candidate = await keys.findUsableApiKey(db, { lookups: ['a'] })
    const found = await sessions.findActiveSession(db, ['t'])
    const next = { projectId: project.id, after: 0, limit: 10 }

    const left: [z.ZodObject, unknown[]][] = [
      [
        User,
        [
          user,
          candidate?.user,
          found?.user,
          (await keys.findApiKeyOwner(db, ['a']))?.user,
          await users.getUser(db, all, user.id),
          await users.getUserByUsername(db, all, 'ADA'),
          await users.updateUser(db, all, { id: user.id, email: 'ada@example.org' }, SYSTEM),
          await users.setUserActive(db, all, { id: user.id, active: true }, SYSTEM),
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
          await keys.rotateApiKey(db, all, { ...key, id: apiKey.id, lookup: 'b', overlapSeconds: 60 }, SYSTEM),
          (await keys.findApiKeyOwner(db, ['b']))?.apiKey,
          await keys.setApiKeyScopes(db, all, apiKey.id, ['read']),
          await keys.revokeApiKey(db, all, apiKey.id, SYSTEM),
        ],
      ],
      [
        Session,
        [
          session,
          found?.session,
          await sessions.getSession(db, all, { tokenLookups: ['t'] }),
          ...(await sessions.listSessions(db, all, page)).items,
          await sessions.closeSession(db, all, session.id, SYSTEM),
        ],
      ],
      [
        Identity,
        [
          identity,
          (await identities.findIdentity(db, name))?.identity,
          ...(await identities.listIdentities(db, all, user.id, page)).items,
          await identities.removeIdentity(db, all, identity.id, SYSTEM),
          await identities.createIdentity(db, { ...name, userId: user.id }, SYSTEM),
        ],
      ],
      [CostRecord, [record, ...(await records.nextCostRecords(db, all, next))]],
      [CostRecord, [await records.getCostRecord(db, all, record.id)]],
      [CostRecord, (await records.listCostRecords(db, all, { ...page, projectId: project.id })).items],
      [Reservation, [reservation, ...(await listReservations(db, all, { ...page, projectId: project.id })).items]],
      [
        Project,
        [
          project,
          await createProject(db, user.id, snake, SYSTEM),
          await getProject(db, all, project.id),
          ...(await listProjects(db, all, page)).items,
          await updateProject(db, all, { id: project.id, name: 'Pong' }, SYSTEM),
          await updateProjectStatus(db, all, { id: project.id, status: 'running' }, SYSTEM),
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
