import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type SharedState, WINDOW_SECONDS } from '../shared-state/shared-state.js'

/** The states of two servers of one database, and of a server of another database that uses the same store. */
export type SharedStates = { one: SharedState; other: SharedState; elsewhere: SharedState; end(): Promise<void> }

/** What every implementation of shared state does. */
export function describeSharedState(name: string, open: () => Promise<SharedStates>): void {
  describe(`state shared ${name}`, () => {
    let states: SharedStates
    beforeAll(async () => {
      states = await open()
    })
    afterAll(() => states?.end())

    test('counts by name and key, and tells when a window ends', async () => {
      const [calls, failures] = [states.one.counter('calls'), states.one.counter('failures')]
      const [key, unused] = [randomUUID(), randomUUID()]
      const counts = [await calls.add(key), await calls.add(key), await calls.add(key)]
      expect(counts.map(({ count }) => count)).toEqual([1, 2, 3])
      expect(calls.known(key).count).toBe(3)
      expect((await calls.read(key)).count).toBe(3)
      expect((await calls.read(unused)).count).toBe(0)
      expect((await failures.read(key)).count).toBe(0)
      for (const { endsInMilliseconds } of [...counts, calls.known(key)]) {
        expect(endsInMilliseconds).toBeGreaterThan(WINDOW_SECONDS * 900)
        expect(endsInMilliseconds).toBeLessThanOrEqual(WINDOW_SECONDS * 1_000)
      }
    })

    test('counts what all servers of a database count, and no others', async () => {
      const [here, there] = [states.one.counter('together'), states.other.counter('together')]
      const elsewhere = states.elsewhere.counter('together')
      const key = randomUUID()
      const adds = Array.from({ length: 40 }, (_, at) => (at % 2 ? here : there).add(key))
      const counts = (await Promise.all(adds)).map(({ count }) => count)
      expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1))
      expect([(await here.read(key)).count, (await there.read(key)).count]).toEqual([40, 40])
      expect((await elsewhere.add(key)).count).toBe(1)
    })

    test('tells the other servers of the database, and no others, nor the teller', async () => {
      const heard = { one: [] as number[], other: [] as number[], elsewhere: [] as number[], woken: [] as number[] }
      states.one.listen('recheck', (ids) => heard.one.push(...ids))
      states.other.listen('recheck', (ids) => heard.other.push(...ids))
      states.other.listen('wake', (ids) => heard.woken.push(...ids))
      states.elsewhere.listen('recheck', (ids) => heard.elsewhere.push(...ids))
      for (let id = 1; id <= 50; id += 1) states.one.tell('recheck', [id])
      states.one.tell('wake', new Set([7, 8]))
      await vi.waitFor(() => expect([heard.other.length, heard.woken.length]).toEqual([50, 2]))
      expect(heard.other).toEqual(Array.from({ length: 50 }, (_, at) => at + 1))
      expect(heard.woken).toEqual([7, 8])
      expect([heard.one, heard.elsewhere]).toEqual([[], []])
    })

    test('returns pages by name, and failures only to those who called', async () => {
      const [first, second] = [randomUUID(), randomUUID()]
      const page = { items: [{ cost: '0.1', count: 1 }], nextCursor: null }
      expect(await states.one.page(first, async () => page)).toMatchObject({ value: page })
      expect(await states.one.page(first, async () => page)).toMatchObject({ value: page })
      expect(await states.one.page(second, async () => 'second')).toMatchObject({ value: 'second' })
      expect(await states.elsewhere.page(first, async () => 'elsewhere')).toMatchObject({ value: 'elsewhere' })
      const failing = randomUUID()
      const fail = () => Promise.reject(new Error('it failed'))
      await expect(states.one.page(failing, fail)).rejects.toThrow('it failed')
      expect(await states.one.page(failing, async () => 'now')).toMatchObject({ value: 'now' })
    })
  })
}
