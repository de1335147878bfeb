import type { Tables } from './tables.js'

/** What a server in memory is made of. */
export type Memory = {
  readonly tables: Tables
  /** Its clock, ISO-8601 UTC. */
  readonly now: () => string
  /** Woken when something may have changed. */
  readonly waiting: Set<() => void>
}

/** The instant that many seconds from now. */
export function later({ now }: Memory, seconds: number): string {
  return new Date(Date.parse(now()) + seconds * 1_000).toISOString()
}

/** Wakes whoever waits for a change. */
export function wake({ waiting }: Memory): void {
  for (const resolve of [...waiting]) resolve()
}
