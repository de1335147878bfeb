import { DomainError, formatUsd, type ProjectStatus, parseUsd } from '@mgx/contract'
import { everyDatabase } from '@mgx/db/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Caller, callerOf, type TestApi, testApi } from './testing/callers.js'
import { type Answer, LedgerModel } from './testing/ledger-model.js'

/** A database that a history runs on, with the ids that the model's indexes stand for. */
type Side = {
  api: TestApi
  caller: Caller
  admin: Caller
  apiKey: string
  userId: number
  projects: number[]
  holds: number[]
  records: number[]
}
type Command = { name: string; onModel(model: LedgerModel): Answer | null; onSide(side: Side): Promise<Answer | null> }

const usage = { model: 'm', promptTokens: 1, completionTokens: 1 }
const usd = formatUsd
const pick = (index: number, length: number) => index % Math.max(length, 1)

type Figures = { limit: string; spent: string; reserved: string }
const standing = ({ limit, spent, reserved }: Figures) => ({
  limit: parseUsd(limit),
  spent: parseUsd(spent),
  reserved: parseUsd(reserved),
})
const projectStanding = (project: { investment: string; totalCost: string; reserved: string }) =>
  standing({ limit: project.investment, spent: project.totalCost, reserved: project.reserved })

/** Returns the index of an id; a new id is appended. */
function numberOf(ids: number[], id: number): number {
  if (!ids.includes(id)) ids.push(id)
  return ids.indexOf(id)
}

async function answer(call: Promise<Answer>): Promise<Answer> {
  return call.catch((error: Error) => {
    if (error.cause instanceof DomainError) return { refused: error.cause.reason }
    throw error
  })
}

const amount = fc.bigInt({ min: 1n, max: 40n })
const index = fc.nat({ max: 5 })
const key = fc.option(fc.constantFrom('x', 'y'), { freq: 2 })

/** Creates a command on a project, which does nothing while there is none. */
const onProject = (
  name: string,
  model: (it: LedgerModel, project: number) => Answer,
  side: (it: Side, id: number) => Promise<Answer>,
  at: number,
): Command => ({
  name,
  onModel: (it) => (it.projects.length === 0 ? null : model(it, pick(at, it.projects.length))),
  onSide: async (it) =>
    it.projects.length === 0 ? null : answer(side(it, it.projects[pick(at, it.projects.length)] ?? 0)),
})
const onHold = (
  name: string,
  model: (it: LedgerModel, hold: number) => Answer,
  side: (it: Side, id: number) => Promise<Answer>,
  at: number,
): Command => ({
  name,
  onModel: (it) => (it.holds.length === 0 ? null : model(it, pick(at, it.holds.length))),
  onSide: async (it) => (it.holds.length === 0 ? null : answer(side(it, it.holds[pick(at, it.holds.length)] ?? 0))),
})

const createWith = (limit: bigint): Command => ({
  name: `create ${limit}`,
  onModel: (it) => it.create(limit),
  async onSide(it) {
    const project = await it.caller.projects.create({ name: 'n', idea: 'i', investment: usd(limit) })
    it.projects.push(project.id)
    return projectStanding(project)
  },
})
const create = amount.map(createWith)
const record = fc.tuple(index, amount, key).map(([at, cost, idempotencyKey]) =>
  onProject(
    `record ${at} ${cost} ${idempotencyKey}`,
    (it, project) => it.record(project, cost, idempotencyKey),
    async (it, projectId) => {
      const keyed = idempotencyKey === null ? {} : { idempotencyKey }
      const { record: row, budget } = await it.caller.costs.record({
        projectId,
        ...usage,
        totalCost: usd(cost),
        ...keyed,
      })
      return { ...standing(budget), row: numberOf(it.records, row.id) }
    },
    at,
  ),
)
const reserve = fc.tuple(index, amount, key).map(([at, held, idempotencyKey]) =>
  onProject(
    `reserve ${at} ${held} ${idempotencyKey}`,
    (it, project) => it.reserve(project, held, idempotencyKey),
    async (it, projectId) => {
      const keyed = idempotencyKey === null ? {} : { idempotencyKey }
      const { reservation, budget } = await it.caller.budgets.reserve({ projectId, amount: usd(held), ...keyed })
      return { ...standing(budget), row: numberOf(it.holds, reservation.id) }
    },
    at,
  ),
)
const settle = fc.tuple(index, amount).map(([at, cost]) =>
  onHold(
    `settle ${at} ${cost}`,
    (it, hold) => it.settle(hold, cost),
    async (it, reservationId) => {
      const {
        record: row,
        budget,
        late,
        overrun,
      } = await it.caller.budgets.settle({ reservationId, ...usage, totalCost: usd(cost) })
      return { ...standing(budget), row: numberOf(it.records, row.id), late, overrun }
    },
    at,
  ),
)
const release = index.map((at) =>
  onHold(
    `release ${at}`,
    (it, hold) => it.release(hold),
    async (it, reservationId) => {
      const { reservation, budget } = await it.caller.budgets.release({ reservationId })
      return { ...standing(budget), status: reservation.status }
    },
    at,
  ),
)
const extend = index.map((at) =>
  onHold(
    `extend ${at}`,
    (it, hold) => it.extend(hold),
    async (it, reservationId) => {
      const { reservation, budget } = await it.caller.budgets.extend({ reservationId, ttlSeconds: 600 })
      return { ...standing(budget), status: reservation.status }
    },
    at,
  ),
)
/** Makes one hold due without sweeping it. */
const fallDue = index.map(
  (at): Command => ({
    name: `fall due ${at}`,
    onModel(it) {
      if (it.holds.length > 0) it.expire(pick(at, it.holds.length))
      return null
    },
    async onSide(it) {
      const id = it.holds[pick(at, it.holds.length)] ?? 0
      await it.api.services
        .db('reservations')
        .where({ id, status: 'held' })
        .update({ expiresAt: '2020-01-01T00:00:00.000Z' })
      return null
    },
  }),
)
const sweep = fc.constant<Command>({
  name: 'sweep',
  onModel: () => null,
  async onSide(it) {
    await it.api.services.ledger.expireDue()
    return null
  },
})
/** Reads the budget, the project, and the project in a list, between other commands. */
const read = index.map((at) =>
  onProject(
    `read ${at}`,
    (it, project) => it.standing(project),
    async (it, id) => {
      const budget = standing(await it.caller.budgets.get({ projectId: id }))
      const { items } = await it.caller.projects.list({})
      const listed = items.find((project) => project.id === id)
      expect([await it.caller.projects.get({ id }), listed].map((each) => each && projectStanding(each))).toEqual([
        budget,
        budget,
      ])
      return budget
    },
    at,
  ),
)
const invest = fc.tuple(index, amount).map(([at, limit]) =>
  onProject(
    `invest ${at} ${limit}`,
    (it, project) => it.invest(project, limit),
    async (it, id) => projectStanding(await it.caller.projects.update({ id, investment: usd(limit) })),
    at,
  ),
)
const move = fc
  .tuple(index, fc.constantFrom<ProjectStatus[]>('running', 'running', 'completed', 'failed'))
  .map(([at, status]) =>
    onProject(
      `move ${at} ${status}`,
      (it, project) => it.move(project, status),
      async (it, id) => projectStanding(await it.caller.projects.updateStatus({ id, status })),
      at,
    ),
  )
const adjust = fc.tuple(index, amount).map(([at, total]) =>
  onProject(
    `adjust ${at} ${total}`,
    (it, project) => it.adjust(project, total),
    async (it, projectId) => {
      const { record: row, budget } = await it.admin.costs.adjust({ projectId, totalCost: usd(total), reason: 'r' })
      return { ...standing(budget), row: numberOf(it.records, row.id) }
    },
    at,
  ),
)
const limitUser = fc.option(fc.bigInt({ min: 0n, max: 80n })).map(
  (limit): Command => ({
    name: `limit user ${limit}`,
    onModel(it) {
      it.userLimit = limit
      return null
    },
    async onSide(it) {
      await it.admin.users.update({ id: it.userId, spendingLimit: limit === null ? null : usd(limit) })
      return null
    },
  }),
)
/** Continues in another process, because no relevant state may live in memory only. */
const restart = fc.constant<Command>({
  name: 'restart',
  onModel: () => null,
  async onSide(it) {
    it.caller = callerOf(it.api.anotherProcess(), it.apiKey)
    return null
  },
})

const command = fc.oneof(
  { weight: 1, arbitrary: create },
  { weight: 2, arbitrary: record },
  { weight: 5, arbitrary: reserve },
  { weight: 2, arbitrary: settle },
  { weight: 1, arbitrary: release },
  { weight: 1, arbitrary: extend },
  { weight: 3, arbitrary: fallDue },
  { weight: 1, arbitrary: sweep },
  { weight: 4, arbitrary: read },
  { weight: 1, arbitrary: invest },
  { weight: 1, arbitrary: move },
  { weight: 1, arbitrary: adjust },
  { weight: 1, arbitrary: limitUser },
  { weight: 1, arbitrary: restart },
)
/** Histories begin with a project that has budget, or most commands would do nothing. */
const histories = fc.array(command, { minLength: 5, maxLength: 40 }).map((commands) => [createWith(100n), ...commands])

test('any history has the same results in the model and on every kind of database', { timeout: 120_000 }, async () => {
  const apis = await Promise.all(everyDatabase.map((database) => testApi(database)))
  try {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const model = new LedgerModel()
        const sides = await Promise.all(
          apis.map(async (api): Promise<Side> => {
            const { id, apiKey, caller } = await api.member()
            return { api, caller, admin: api.admin, apiKey, userId: id, projects: [], holds: [], records: [] }
          }),
        )
        for (const command of history) {
          const expected = command.onModel(model)
          const answers = await Promise.all(sides.map((side) => command.onSide(side)))
          for (const each of answers) expect({ [command.name]: each }).toEqual({ [command.name]: expected })
        }
        for (const { admin } of sides) expect(await admin.system.verify({})).toMatchObject({ ok: true, drifts: [] })
      }),
      { numRuns: 60 },
    )
  } finally {
    await Promise.all(apis.map((api) => api.close()))
  }
})
