import type { Charge, Hold } from '@mgx/db/core'
import type { ApiKey, PriceOverride, Project, Session, User } from '../generated/entities.js'

/** A row as it is answered, and what is kept beside it. */
export type UserRow = User & { readonly reserved: string }
export type ProjectRow = Project & { readonly idempotencyKey: string | null; readonly requestHash: string }
export type SessionRow = Session & { readonly apiKeyId: number; readonly token: string }
export type PriceRow = PriceOverride & { readonly idempotencyKey: string | null; readonly requestHash: string }
export type ApiKeyRow = ApiKey & { readonly key: string }
export type ChargeRow = Charge & { readonly id: number }
export type HoldRow = Hold & { readonly id: number }

/** All that a server in memory knows, by id, in the order of the ids. */
export type Tables = {
  readonly users: Map<number, UserRow>
  readonly apiKeys: Map<number, ApiKeyRow>
  readonly sessions: Map<number, SessionRow>
  readonly projects: Map<number, ProjectRow>
  readonly charges: Map<number, ChargeRow>
  readonly holds: Map<number, HoldRow>
  readonly prices: Map<number, PriceRow>
  /** The charges and holds that were written with an idempotency key, by `answerKey`. */
  readonly keyedCharges: Map<string, ChargeRow>
  readonly keyedHolds: Map<string, number>
  /** What holds were settled with, by the id of the hold. */
  readonly settlements: Map<number, ChargeRow>
  /** The holds that are still held. */
  readonly open: Set<number>
}

export function emptyTables(): Tables {
  return {
    users: new Map(),
    apiKeys: new Map(),
    sessions: new Map(),
    projects: new Map(),
    charges: new Map(),
    holds: new Map(),
    prices: new Map(),
    keyedCharges: new Map(),
    keyedHolds: new Map(),
    settlements: new Map(),
    open: new Set(),
  }
}

/** Writes a row under the next id, and answers it. */
export function insert<Row extends { id: number }>(table: Map<number, Row>, row: Omit<Row, 'id'>): Row {
  const written = { ...row, id: table.size + 1 } as Row
  table.set(written.id, written)
  return written
}
