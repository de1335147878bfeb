import { invoiceNamed } from '@mgx/db/testing'
import { expect, test } from 'vitest'
import { type Caller, describeApi } from './testing/callers.js'

/** Calls of every kind that stores a hash: minimal, with all fields, and with the same content in another notation. */
type Pinned = {
  name: string
  table: 'cost_records' | 'reservations' | 'projects' | 'prices'
  /** Existing rows have this hash: if it changed, a call repeated after an upgrade would be refused. */
  hash: string
  call(by: { caller: Caller; admin: Caller; projectId: number }): Promise<unknown>
}

const bare = { model: 'gpt-4o', promptTokens: 1000, completionTokens: 500 }
const full = { ...bare, cachedPromptTokens: 100, totalCost: '0.025', actionType: 'WriteCode' }
const once = { idempotencyKey: 'once' }
const price = { model: 'our-own', inputPrice: 2.5, outputPrice: '10' }
const idea = { name: 'Snake', idea: 'A game', ...once }

const pinned: Pinned[] = [
  {
    name: 'a record',
    table: 'cost_records',
    hash: '9S--5JGkjz7ASKKe_uIXZlsszMNRyAkJnzRofHXRmJ4',
    call: ({ caller, projectId }) => caller.costs.record({ projectId, ...bare, ...once }),
  },
  {
    name: 'a record with all its fields',
    table: 'cost_records',
    hash: '-9W8--BlprKSkwrmadqy-qwkmyc713VtKNC6R9SJxsY',
    call: ({ caller, projectId }) => caller.costs.record({ projectId, ...full, ...once }),
  },
  {
    name: 'a record with its cost as a number',
    table: 'cost_records',
    hash: '-9W8--BlprKSkwrmadqy-qwkmyc713VtKNC6R9SJxsY',
    call: ({ caller, projectId }) => caller.costs.record({ projectId, ...full, totalCost: 0.025, ...once }),
  },
  {
    name: 'one of many records',
    table: 'cost_records',
    hash: '-9W8--BlprKSkwrmadqy-qwkmyc713VtKNC6R9SJxsY',
    call: ({ caller, projectId }) => caller.costs.recordMany({ records: [{ projectId, ...full, ...once }] }),
  },
  ...Object.entries({
    'an OpenAI chat completion that read most of its prompt from the cache':
      'xIrG5DGU6gmo4oBrH9nASLLpzDczUmN7Oe5AdaReEZI',
    'an OpenAI response': 'zmbwNdfev_NokKQsqUUsr-1UrytL-_X_b_JPpQ3pXpg',
    'OpenAI embeddings': 'E7iTzp6E8ZxmxE043-KXAhwh-1VYVB6ftjmh7Q26Z2U',
    'an Anthropic message that read from its cache, wrote to it and searched the web':
      '0o1KGiB1RaZmN82xEuo8QcOCvCPjgVcDa49DseqbKxE',
    'a Gemini answer that thought first': '2ELunUNBxcaYSSJKLudo2fCr_VtTK4Nmpe7pYsL8EMc',
  }).map(
    ([name, hash]): Pinned => ({
      name: `the usage of ${name}`,
      table: 'cost_records',
      hash,
      call: ({ caller, projectId }) =>
        caller.costs.recordUsage({ projectId, ...invoiceNamed(name).input, actionType: 'WriteCode', ...once }),
    }),
  ),
  {
    name: 'an adjustment',
    table: 'cost_records',
    hash: 'd0xUM2OM1vbnxIAIKnf06rHZK8D4TxG5j3IBpL3uCDc',
    call: ({ admin, projectId }) => admin.costs.adjust({ projectId, totalCost: '2.50', reason: 'A refund', ...once }),
  },
  {
    name: 'a settlement',
    table: 'cost_records',
    hash: '9S--5JGkjz7ASKKe_uIXZlsszMNRyAkJnzRofHXRmJ4',
    call: ({ caller, projectId }) => settled(caller, projectId, bare),
  },
  {
    name: 'a settlement with all its fields',
    table: 'cost_records',
    hash: '-9W8--BlprKSkwrmadqy-qwkmyc713VtKNC6R9SJxsY',
    call: ({ caller, projectId }) => settled(caller, projectId, full),
  },
  {
    name: 'a reservation of an amount',
    table: 'reservations',
    hash: 'xY8U-9YI3f9S2fWpABbNpxnwGgc1xMRqtuovW4yHHVs',
    call: ({ caller, projectId }) => caller.budgets.reserve({ projectId, amount: 0.5, ...once }),
  },
  {
    name: 'a reservation of an amount for a time',
    table: 'reservations',
    hash: 'Qsu72Yd7l6KZOtigywLQ9kR91XXtvm9Kp9cPw_OdZz8',
    call: ({ caller, projectId }) => caller.budgets.reserve({ projectId, amount: '0.50', ttlSeconds: 60, ...once }),
  },
  {
    name: 'a reservation of a call',
    table: 'reservations',
    hash: 'TvgkwIxBRFTxd1AoS43nWKVmnbrBJgiiNquGDVjQZog',
    call: ({ caller, projectId }) =>
      caller.budgets.reserve({ projectId, model: 'gpt-4o', maxPromptTokens: 1000, maxCompletionTokens: 500, ...once }),
  },
  {
    name: 'a project',
    table: 'projects',
    hash: '3HYhh2X0BetDFZi7vcYmA7-3GGd2UwDLCNKMg1NluS0',
    call: ({ caller }) => caller.projects.create(idea),
  },
  {
    name: 'a project with all its fields',
    table: 'projects',
    hash: 'yjnIESjVm5DpBCOlFnvAxtTtBd6V-yca0JIkAnxMDyc',
    call: ({ caller }) =>
      caller.projects.create({
        ...idea,
        description: 'Of the nineties',
        investment: '5.0',
        metadata: { tags: ['b', 'a'], nested: { b: 1, a: null } },
      }),
  },
  {
    name: 'a price',
    table: 'prices',
    hash: 'Ou_WgO8PihfFZXwQhPhZdCu9JhyeM7vQr9PmmcNy--0',
    call: ({ admin }) => admin.prices.set({ ...price, ...once }),
  },
  {
    name: 'a price without names, tiers and factors',
    table: 'prices',
    hash: 'Ou_WgO8PihfFZXwQhPhZdCu9JhyeM7vQr9PmmcNy--0',
    call: ({ admin }) => admin.prices.set({ ...price, ...once, aliases: [], tiers: [], serviceTiers: {} }),
  },
  {
    name: 'a price with all its fields',
    table: 'prices',
    hash: 'aJoFtCetfYumQBe9rckX2cg6_07nDObTnftuJJrDXiE',
    call: ({ admin }) =>
      admin.prices.set({
        ...price,
        model: 'another',
        cachedPrice: '0.50',
        effectiveFrom: '2090-01-01T00:00:00Z',
        effectiveTo: '2091-01-01T00:00:00Z',
        idempotencyKey: 'twice',
      }),
  },
  {
    name: 'a price with every rate',
    table: 'prices',
    hash: '5tKd-zTrVX20Is8TD2CNxGW2sFRxsMf-CLb96lNCRG0',
    call: ({ admin }) =>
      admin.prices.set({
        ...price,
        model: 'every-rate',
        aliases: ['one', 'two'],
        pattern: 'every-*',
        cachedPrice: 0.5,
        cacheWritePrice: '3',
        cacheWrite1hPrice: 5,
        audioInputPrice: '4',
        cachedAudioInputPrice: '1',
        audioOutputPrice: '8',
        requestPrice: '0.01',
        searchPrice: '10',
        tiers: [
          { abovePromptTokens: 400_000, inputPrice: 6, outputPrice: '12' },
          { abovePromptTokens: 200_000, inputPrice: '5.0' },
        ],
        serviceTiers: { batch: 0.5, flex: 0.6, priority: 2 },
        idempotencyKey: 'thrice',
      }),
  },
]

describeApi('the content hash', (api) => {
  test.each(pinned)('of $name is unchanged, and the call can be repeated', async ({ table, hash, call }) => {
    const { caller } = await api.member()
    const projectId = (await caller.projects.create({ name: 'n', idea: 'i' })).id
    const by = { caller, admin: api.admin, projectId }
    const first = await call(by)
    const [row] = await api.services.db(table).orderBy('id', 'desc').limit(1)
    expect(row?.requestHash).toBe(hash)
    expect(await call(by)).toEqual(first)
  })
})

async function settled(caller: Caller, projectId: number, call: typeof bare): Promise<unknown> {
  const { reservation } = await caller.budgets.reserve({ projectId, amount: '0.1', idempotencyKey: 'hold' })
  return caller.budgets.settle({ reservationId: reservation.id, ...call })
}
