import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { type Caller, describeApi, expectRefusal } from '../testing/callers.js'

const PAST = '2020-01-01T00:00:00.000Z'
const TODAY = '2026-01-01T00:00:00.000Z'
const million = { promptTokens: 1_000_000, completionTokens: 0 }

describeApi('a page of repricing', (api) => {
  let caller: Caller
  let projectId: number
  let family: string
  let model: string
  beforeEach(async () => {
    caller = (await api.member()).caller
    projectId = await newProject()
    family = `m${randomUUID()}`
    model = `${family}-2025-04-14`
    await api.admin.prices.set({ ...priced('1'), model: `${family}-all`, pattern: `${family}*` })
  })

  const newProject = async () => (await caller.projects.create({ name: 'Snake', idea: 'A game', investment: '9' })).id
  const priced = (inputPrice: string) => ({ inputPrice, outputPrice: '10' })
  const setLate = (inputPrice: string, name = family) =>
    api.admin.prices.set({ ...priced(inputPrice), model: name, effectiveFrom: PAST })
  const record = async (changes: object = {}) =>
    (await caller.costs.record({ projectId, model, ...million, ...changes })).record
  const reprice = (changes: object = {}) => api.admin.prices.reprice({ from: TODAY, projectId, ...changes })
  const spent = async () => (await caller.budgets.get({ projectId })).spent
  const expectBalanced = async () => expect(await api.admin.system.verify()).toMatchObject({ ok: true, drifts: [] })

  test('compares only the records that the filters name', async () => {
    const other = `${family}-turbo`
    const elsewhere = await newProject()
    const records = [await record(), await record({ model: other }), await record({ projectId: elsewhere })]
    await sleep(5)
    records.push(await record())
    await setLate('2')
    await setLate('2', other)
    const ids = async (filter: object) => {
      const { items } = await reprice({ dryRun: true, projectId: undefined, model, ...filter })
      return items.map(({ recordId }) => records.findIndex(({ id }) => id === recordId))
    }
    expect(await ids({})).toEqual([3, 2, 0])
    expect(await ids({ projectId })).toEqual([3, 0])
    expect(await ids({ model: other })).toEqual([1])
    expect(await ids({ model: `${family}-all` })).toEqual([3, 2, 1, 0])
    expect(await ids({ model: 'another' })).toEqual([])
    const last = records[3]?.createdAt ?? ''
    expect(await ids({ from: last })).toEqual([3])
    expect(await ids({ to: last })).toEqual([2, 0])
    expect(await ids({ from: new Date(Date.parse(last) + 1).toISOString() })).toEqual([])
    expect((await reprice({ to: last })).items.map(({ recordId }) => recordId)).toEqual([
      ...[records[1]?.id, records[0]?.id],
    ])
    expect(await ids({})).toEqual([3, 2])
    await expectBalanced()
  })

  test('returns pages over more records than one call compares, some of them empty', async () => {
    const call = { projectId, model: `${family}-turbo`, ...million, promptTokens: 10 }
    const bulk = (changes: object = {}) =>
      caller.costs.recordMany({ records: Array(1000).fill({ ...call, ...changes }) })
    const oldest = [await record(), await record(), await record()].map(({ id }) => id)
    await bulk()
    await bulk()
    const newest = [await record(), await record()].map(({ id }) => id)
    await setLate('2')
    await api.admin.prices.set({ ...priced('1'), model: `${family}-turbo`, effectiveFrom: PAST })
    const pages: number[][] = []
    let sum = 0
    let cursor: string | null | undefined
    while (cursor !== null) {
      const page = await reprice({ limit: 2, ...(cursor !== undefined && { cursor }) })
      pages.push(page.items.map(({ recordId }) => recordId))
      sum += Number(page.difference)
      cursor = page.nextCursor
    }
    expect(pages.flat()).toEqual([...newest.toReversed(), ...oldest.toReversed()])
    expect(pages).toContainEqual([])
    expect(pages.every((page) => page.length <= 2)).toBe(true)
    expect(sum).toBe(5)
    expect(await spent()).toBe('10.02')
    await expectBalanced()
    await expectRefusal(reprice({ cursor: 'none' }), 'invalid_input', /cursor/)
  }, 60_000)

  test.each([
    ['without a start', { from: undefined }, /from/],
    ['from no instant', { from: 'yesterday' }, /from/],
    ['to no instant', { to: '2026-13-01T00:00:00Z' }, /to/],
    ['of an empty model', { model: '' }, /model/],
    ['with 201 items', { limit: 201 }, /limit/],
    ['with an unknown field', { userId: 1 }, /userId: unknown field/],
  ])('%s is refused with the field', async (_, wrong, message) => {
    await expectRefusal(reprice(wrong), 'invalid_input', message)
  })
})
