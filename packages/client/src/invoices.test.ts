import { type Invoice, invoices } from '@mgx/db/testing'
import { beforeAll, expect, test } from 'vitest'
import { CostManager, type CostRecord, createMgxClient, type MgxClient, usd } from './index.js'
import { describeHttpServers, describeServers, type Server } from './testing/describe-servers.js'

type Call = Invoice['input']
const named = invoices.map((invoice) => [invoice.name, invoice] as const)

type Send = (mgx: MgxClient, projectId: number, call: Call) => Promise<CostRecord | null>

/** Every way in which a service records a model call from the provider's response. */
const ways: Record<string, Send> = {
  'costs.recordUsage': async (mgx, projectId, call) => (await mgx.costs.recordUsage({ projectId, ...call })).record,
  async 'budgets.settle'(mgx, projectId, call) {
    const { reservation } = await mgx.budgets.reserve({ projectId, amount: '1' })
    return (await mgx.budgets.settle({ reservationId: reservation.id, ...call })).record
  },
  'budgets.guard': async (mgx, projectId, call) =>
    (await mgx.budgets.guard({ projectId, estimate: '1' }, () => call)).record,
  'hold.settle in budgets.guard': async (mgx, projectId, call) =>
    (await mgx.budgets.guard({ projectId, estimate: '1' }, (hold) => hold.settle(call))).record,
  async 'budgets.hold'(mgx, projectId, call) {
    const hold = await mgx.budgets.hold({ projectId, estimate: '1' })
    return (await hold.settle(call)).record
  },
  'CostManager.update': async (mgx, projectId, call) => (await new CostManager(mgx, { projectId }).update(call)).record,
  'CostManager.guard': async (mgx, projectId, call) =>
    (await new CostManager(mgx, { projectId }).guard('1', () => call)).record,
}

/** Returns what a cost record says of a call, in the terms of an invoice. */
function invoiced(record: CostRecord | null) {
  const { totalCost, model, canonicalModel, promptTokens, cachedPromptTokens, completionTokens } = record ?? {}
  const tokens = { promptTokens, cachedPromptTokens, completionTokens }
  const lines = record?.breakdown?.map(({ kind, units, rate }) => [kind, units, rate])
  const sum = usd.add(...(record?.breakdown ?? []).map(({ amount }) => amount))
  return { totalCost, sum, model, canonicalModel, ...tokens, lines, unpriced: record?.unpriced }
}

const told = ({ totalCost, expect: { unpriced = [], ...rest } }: Invoice) => ({
  ...rest,
  totalCost,
  sum: totalCost,
  unpriced,
})

async function projectOf(mgx: MgxClient): Promise<number> {
  return (await mgx.projects.create({ name: 'Snake', idea: 'A game', investment: '1000' })).id
}

describeServers('the cost of a call is the amount that its provider invoices', (server) => {
  let mgx: MgxClient
  let projectId: number
  beforeAll(async () => {
    mgx = createMgxClient(server)
    projectId = await projectOf(mgx)
  })

  test.each(named)('%s', async (_, invoice) => {
    const records = Object.entries(ways).map(async ([way, send]) => [way, await send(mgx, projectId, invoice.input)])
    const costs = (await Promise.all(records)).map(([way, record]) => [way, invoiced(record as CostRecord)])
    const expected = Object.keys(ways).map((way) => [way, told(invoice)])
    expect(Object.fromEntries(costs)).toEqual(Object.fromEntries(expected))
  })
})

describeHttpServers('the cost of a call sent over REST is the amount that its provider invoices', (server) => {
  let projectId: number
  beforeAll(async () => {
    projectId = await projectOf(createMgxClient(server))
  })

  test.each(named)('%s', async (_, invoice) => {
    expect(invoiced(await recordOverRest(server, projectId, invoice.input))).toEqual(told(invoice))
  })
})

async function recordOverRest({ url, apiKey, fetch }: Server, projectId: number, call: Call): Promise<CostRecord> {
  const answer = await fetch(`${url}/api/projects/${projectId}/usage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(call),
  })
  expect(answer.status).toBe(200)
  return JSON.parse(await answer.text()).record
}
