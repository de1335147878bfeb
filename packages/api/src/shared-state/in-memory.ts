import { performance } from 'node:perf_hooks'
import type { News, SharedState } from './shared-state.js'
import { countWindows, type WindowCounts } from './window-counts.js'

/** The memory that servers in one process share. */
export type Memory = {
  readonly counters: Map<string, WindowCounts>
  readonly now: () => number
  readonly listeners: Map<News, { state: SharedState; listener: (ids: readonly number[]) => void }[]>
}

/** `now` is a monotonic clock, in milliseconds. */
export function newMemory(now = () => performance.now()): Memory {
  return { counters: new Map(), listeners: new Map(), now }
}

/** Shares with the other states of one memory; by default with none, as a server does that is alone. Pages are always read. */
export function inMemoryState({ counters, listeners, now }: Memory = newMemory()): SharedState {
  const state: SharedState = {
    counter(name) {
      const counts = counters.get(name) ?? countWindows(now)
      counters.set(name, counts)
      return { add: async (key) => counts.add(key), read: async (key) => counts.known(key), known: counts.known }
    },
    tell(news, ids) {
      for (const each of listeners.get(news) ?? []) if (each.state !== state) each.listener([...ids])
    },
    listen(news, listener) {
      listeners.set(news, [...(listeners.get(news) ?? []), { state, listener }])
    },
    page: async (_, read) => ({ value: await read(), ageSeconds: undefined }),
    async close() {},
  }
  return state
}
