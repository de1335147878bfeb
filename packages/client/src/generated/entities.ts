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
  /** The first characters of the key, for telling keys apart. */
  prefix: string
  scopes: ApiKeyScope[]
  /** ISO-8601 UTC. */
  expiresAt: string | null
  /** Accurate to about a minute. ISO-8601 UTC. */
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
  /** True when spent exceeds the limit. */
  exceeded: boolean
}

/** Returned by costs.list. */
export interface CostRecord {
  id: number
  projectId: number
  model: string
  /** Tokens sent, including cached ones. */
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
  /** The plain key. It is returned only here. */
  key: string
}

/** Returned by sessions.create. */
export interface CreatedSession {
  session: Session
  /** The plain token. It is returned only here. */
  token: string
}

/** Returned by users.create. */
export interface CreatedUser {
  user: User
  /** The plain key, returned only here; null when the caller chose it. */
  apiKey: string | null
}

export interface Drift {
  /** The row and its figure, such as `project 7: totalCost`. */
  what: string
  expected: string
  found: string
  /** Found minus expected; null if the figure is not a number. */
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
  /** Other names of the model. */
  aliases: string[]
  /** A glob (`*` stands for any text) of further names; null for none. */
  pattern: string | null
  /** USD per million prompt tokens. */
  inputPrice: string
  /** USD per million completion tokens. */
  outputPrice: string
  /** USD per million prompt tokens read from the cache. Derived unless it was given. */
  cachedPrice: string
  /** USD per million prompt tokens written to the cache for five minutes. Null: derived, because it was not given. */
  cacheWritePrice: string | null
  /** USD per million prompt tokens written to the cache for an hour. Null: derived, because it was not given. */
  cacheWrite1hPrice: string | null
  /** USD per million prompt tokens of audio. Null: derived, because it was not given. */
  audioInputPrice: string | null
  /** USD per million prompt tokens of audio read from the cache. Null: derived, because it was not given. */
  cachedAudioInputPrice: string | null
  /** USD per million completion tokens of audio. Null: derived, because it was not given. */
  audioOutputPrice: string | null
  /** USD per request, regardless of its tokens. Null: derived, because it was not given. */
  requestPrice: string | null
  /** USD per thousand searches. Null: derived, because it was not given. */
  searchPrice: string | null
  /** Ascending by abovePromptTokens. */
  tiers: PriceTier[]
  serviceTiers: ServiceTierFactors
  /** In effect from this instant on. ISO-8601 UTC. */
  effectiveFrom: string
  /** In effect until this instant; null while it has no end. ISO-8601 UTC. */
  effectiveTo: string | null
  /** ISO-8601 UTC. */
  createdAt: string
}

/** Returned by prices.quote. */
export interface PriceQuote {
  /** USD; the cost that would be recorded for the call. */
  totalCost: string
  priceSource: 'catalogue' | 'override'
  /** The provider's name in the catalogue; null for an override. */
  provider: string | null
  /** The model whose price applies; the catalogue may know a model by several names. */
  model: string
  /** USD per million prompt tokens. Null: no price is known for them. */
  inputPrice: string | null
  /** USD per million completion tokens. Null: no price is known for them. */
  outputPrice: string | null
  /** USD per million prompt tokens read from the cache. */
  cachedPrice: string | null
  /** USD for the call itself, regardless of its tokens. */
  requestPrice: string
  /** When the price took effect, if known. ISO-8601 UTC. */
  effectiveFrom: string | null
  /** When the price ends, if known. ISO-8601 UTC. */
  effectiveTo: string | null
  /** The instant the call was priced for. ISO-8601 UTC. */
  at: string
}

export type PriceSource = 'caller' | 'catalogue' | 'override' | 'adjustment'

/** Rates of calls with many prompt tokens. An absent rate is not replaced. */
export interface PriceTier {
  /** The tier holds for calls with more prompt tokens than this. */
  abovePromptTokens: number
  /** USD per million prompt tokens. */
  inputPrice?: string
  /** USD per million completion tokens. */
  outputPrice?: string
  /** USD per million prompt tokens read from the cache. */
  cachedPrice?: string
  /** USD per million prompt tokens written to the cache for five minutes. */
  cacheWritePrice?: string
  /** USD per million prompt tokens written to the cache for an hour. */
  cacheWrite1hPrice?: string
  /** USD per million prompt tokens of audio. */
  audioInputPrice?: string
  /** USD per million prompt tokens of audio read from the cache. */
  cachedAudioInputPrice?: string
  /** USD per million completion tokens of audio. */
  audioOutputPrice?: string
  /** USD per request, regardless of its tokens. */
  requestPrice?: string
  /** USD per thousand searches. */
  searchPrice?: string
}

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
  /** When the run completed or failed. ISO-8601 UTC. */
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
  /** USD; the amount held. */
  amount: string
  status: ReservationStatus
  /** ISO-8601 UTC. */
  expiresAt: string
  /** When the hold was settled, released or expired. ISO-8601 UTC. */
  resolvedAt: string | null
  /** The cost record that settled the hold, even if the settlement came late. */
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

export interface ServiceTierFactors {
  batch?: number
  flex?: number
  priority?: number
}

/** Returned by sessions.get, sessions.list, sessions.verify, sessions.extend, sessions.close. */
export interface Session {
  id: number
  userId: number
  /** When set, the session can access only this project. */
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
  /** True when the call cost more than was held. */
  overrun: boolean
  /** True when the hold had expired or been released; the cost is recorded anyway. */
  late: boolean
}

/** Returned by reports.spend. */
export interface Spend {
  /** UTC. This and the next four fields are present only if `groupBy` names them. */
  day?: string
  userId?: number
  projectId?: number
  /** `adjustment` for adjustments. */
  model?: string
  /** Null for records without one. */
  actionType?: string | null
  records: number
  /** Tokens; a sum is capped at 2^53 - 1. */
  promptTokens: number
  /** Tokens; a sum is capped at 2^53 - 1. */
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
  /** USD; the most that all projects of the user may spend together. Null: no limit. */
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
  /** How many rows were checked. */
  checked: { users: number; projects: number; records: number; reservations: number; rollups: number }
  drifts: Drift[]
  /** True when there are more drifts than listed. */
  hasMore: boolean
}

/** A committed cost record, and the budget when the event is sent, which may already include later records. */
export interface WatchedCost {
  record: CostRecord
  budget: Budget
}
