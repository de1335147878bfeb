// Generated from the contract of @mgx/api by `npm run generate`; do not edit.

import type { Reason } from './reasons.js'

/** A page of rows. */
export interface Page<Row> {
  items: Row[]
  /** Null on the last page. */
  nextCursor: string | null
}

/** Returned by apiKeys.list, apiKeys.revoke. */
export interface ApiKey {
  id: number
  userId: number
  name: string
  /** The first characters of the key, to tell it by. */
  prefix: string
  scopes: ApiKeyScope[]
  /** ISO-8601 UTC. */
  expiresAt: string | null
  /** Kept to about a minute. ISO-8601 UTC. */
  lastUsedAt: string | null
  /** ISO-8601 UTC. */
  revokedAt: string | null
  /** ISO-8601 UTC. */
  createdAt: string
}

export type ApiKeyScope = 'read' | 'write'

/** Returned by budgets.get. */
export interface Budget {
  projectId: number
  /** USD; the investment of the project. */
  limit: string
  /** USD; the sum of the cost records. */
  spent: string
  /** USD; held by open reservations. */
  reserved: string
  /** USD; limit - spent - reserved, never below zero. */
  remaining: string
  /** True once spent is past the limit. */
  exceeded: boolean
}

/** Returned by costs.list. */
export interface CostRecord {
  id: number
  projectId: number
  model: string
  /** Tokens sent, cached ones among them. */
  promptTokens: number
  /** Tokens received. */
  completionTokens: number
  /** Prompt tokens the provider read from its cache. */
  cachedPromptTokens: number
  /** USD; negative only in an adjustment. */
  totalCost: string
  actionType: string | null
  priceSource: PriceSource
  reservationId: number | null
  /** ISO-8601 UTC. */
  createdAt: string
}

/** Returned by costs.total. */
export interface CostTotal {
  /** USD, a decimal string with up to nine decimals. */
  totalCost: string
  records: number
  /** Tokens; exact up to 2^53. */
  promptTokens: number
  /** Tokens; exact up to 2^53. */
  completionTokens: number
}

/** Returned by apiKeys.create, apiKeys.rotate. */
export interface CreatedApiKey {
  apiKey: ApiKey
  /** The plain key, shown this once. */
  key: string
}

/** Returned by sessions.create. */
export interface CreatedSession {
  session: Session
  /** The token, shown this once. */
  token: string
}

/** Returned by users.create. */
export interface CreatedUser {
  user: User
  /** The plain key, shown this once; null when the caller chose it. */
  apiKey: string | null
}

export interface Drift {
  /** Which figure of which row, such as `project 7: totalCost`. */
  what: string
  expected: string
  found: string
  /** Found minus expected; null for what is no number. */
  difference: string | null
}

/** Returned by system.health. */
export interface Health {
  status: 'ok'
  version: string
  dialect: 'sqlite' | 'postgres'
}

/** Returned by prices.list, prices.set. */
export interface PriceOverride {
  id: number
  model: string
  /** USD a million prompt tokens. */
  inputPrice: string
  /** USD a million completion tokens. */
  outputPrice: string
  /** USD a million prompt tokens that came from the cache. */
  cachedPrice: string
  /** In force from this instant on. ISO-8601 UTC. */
  effectiveFrom: string
  /** In force until this instant; null while no end is known. ISO-8601 UTC. */
  effectiveTo: string | null
  /** ISO-8601 UTC. */
  createdAt: string
}

/** Returned by prices.quote. */
export interface PriceQuote {
  /** USD; what the call would be recorded with. */
  totalCost: string
  priceSource: 'catalogue' | 'override'
  /** The catalogue's name of the provider; null with an override. */
  provider: string | null
  /** The model whose price it is: the catalogue knows one by several names. */
  model: string
  /** USD a million prompt tokens. Null: no price is known for them. */
  inputPrice: string | null
  /** USD a million completion tokens. Null: no price is known for them. */
  outputPrice: string | null
  /** USD a million prompt tokens from the cache. */
  cachedPrice: string | null
  /** USD for the call itself, whatever its tokens. */
  requestPrice: string
  /** Since when this is the price, where that is known. ISO-8601 UTC. */
  effectiveFrom: string | null
  /** Until when, where an end is known. ISO-8601 UTC. */
  effectiveTo: string | null
  /** The instant it was priced for. ISO-8601 UTC. */
  at: string
}

export type PriceSource = 'caller' | 'catalogue' | 'override' | 'adjustment'

/** Returned by projects.create, projects.get, projects.list, projects.update, projects.updateStatus. */
export interface Project {
  id: number
  userId: number
  name: string
  description: string | null
  idea: string
  status: ProjectStatus
  projectPath: string | null
  /** USD; the budget limit of the run. */
  investment: string
  /** USD; the sum of the cost records. */
  totalCost: string
  /** USD; held by open reservations. */
  reserved: string
  /** Any JSON object, at most 16 KiB and 32 levels. */
  metadata: Record<string, unknown> | null
  /** Why the run failed. */
  error: string | null
  /** ISO-8601 UTC. */
  createdAt: string
  /** ISO-8601 UTC. */
  updatedAt: string
  /** When the run ended, completed or failed. ISO-8601 UTC. */
  completedAt: string | null
}

/** Returned by reports.projects. */
export interface ProjectSpend {
  projectId: number
  name: string
  records: number
  /** USD, a decimal string with up to nine decimals. */
  totalCost: string
}

export type ProjectStatus = 'pending' | 'running' | 'completed' | 'failed'

/** Returned by costs.recordMany. */
export interface RecordManyOutput {
  /** In the order of the input. */
  results: RecordManyResult[]
}

export type RecordManyResult =
  | {
      ok: true
      record: CostRecord
    }
  | {
      ok: false
      error: { reason: Reason; message: string }
    }

/** Returned by costs.record, costs.recordUsage, costs.adjust. */
export interface RecordedCost {
  record: CostRecord
  budget: Budget
}

export interface Reservation {
  id: number
  projectId: number
  /** USD; what is held. */
  amount: string
  status: ReservationStatus
  /** ISO-8601 UTC. */
  expiresAt: string
  /** When it was settled, released or expired. ISO-8601 UTC. */
  resolvedAt: string | null
  /** What it was settled with; also set when that came late. */
  costRecordId: number | null
  /** ISO-8601 UTC. */
  createdAt: string
}

/** Returned by budgets.reserve, budgets.release, budgets.extend. */
export interface ReservationAndBudget {
  reservation: Reservation
  budget: Budget
}

export type ReservationStatus = 'held' | 'settled' | 'released' | 'expired'

export type Role = 'admin' | 'member'

/** Returned by sessions.get, sessions.list, sessions.verify, sessions.extend, sessions.close. */
export interface Session {
  id: number
  userId: number
  /** When set, the session can touch this project only. */
  projectId: number | null
  status: SessionStatus
  /** Any JSON object, at most 16 KiB and 32 levels. */
  metadata: Record<string, unknown> | null
  /** ISO-8601 UTC. */
  createdAt: string
  /** ISO-8601 UTC. */
  expiresAt: string
}

export type SessionStatus = 'active' | 'expired' | 'closed'

/** Returned by budgets.settle. */
export interface SettledReservation {
  record: CostRecord
  reservation: Reservation
  budget: Budget
  /** True when it cost more than was held. */
  overrun: boolean
  /** True when the hold had expired or been released: the cost is written all the same. */
  late: boolean
}

/** Returned by reports.spend. */
export interface Spend {
  /** UTC; this and the next four are there when the rows are grouped by them. */
  day?: string
  userId?: number
  projectId?: number
  /** `adjustment` for correcting entries. */
  model?: string
  /** Null for records without one. */
  actionType?: string | null
  records: number
  /** Tokens; a sum stops at 2^53 - 1. */
  promptTokens: number
  /** Tokens; a sum stops at 2^53 - 1. */
  completionTokens: number
  /** USD; negative where adjustments outweigh the costs. */
  totalCost: string
}

/** Returned by users.get, users.getByUsername, users.me, users.list, users.update. */
export interface User {
  id: number
  username: string
  email: string
  role: Role
  /** USD; the most all projects of the user may spend. Null: no limit. */
  spendingLimit: string | null
  /** USD; the sum over the projects of the user. */
  totalCost: string
  /** ISO-8601 UTC. */
  createdAt: string
  /** ISO-8601 UTC. */
  updatedAt: string
}

/** Returned by reports.users. */
export interface UserSpend {
  userId: number
  username: string
  projectCount: number
  /** USD, a decimal string with up to nine decimals. */
  totalSpent: string
}

/** Returned by system.verify. */
export interface Verification {
  ok: boolean
  /** ISO-8601 UTC. */
  verifiedAt: string
  /** How many rows there were. */
  checked: { users: number; projects: number; records: number; reservations: number; rollups: number }
  drifts: Drift[]
  /** True when there are more drifts than listed. */
  hasMore: boolean
}

/** A cost record that was committed. The budget is as it stands when this is sent: later records may be in it too. */
export interface WatchedCost {
  record: CostRecord
  budget: Budget
}
