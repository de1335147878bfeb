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
  /** When set, the key can access only this project, until the project ends. */
  projectId: number | null
  name: string
  /** The first characters of the key, for telling keys apart. */
  prefix: string
  scopes: ApiKeyScope[]
  /** The most calls a minute; null: the server's own limit, if it has one. */
  callsPerMinute: number | null
  /** ISO-8601 UTC. */
  expiresAt: string | null
  /** When the key was replaced; it is valid until `expiresAt`. ISO-8601 UTC. */
  rotatedAt: string | null
  /** Accurate to about a minute. ISO-8601 UTC. */
  lastUsedAt: string | null
  /** ISO-8601 UTC. */
  revokedAt: string | null
  /** ISO-8601 UTC. */
  createdAt: string
}

export type ApiKeyScope = 'read' | 'record' | 'write' | 'admin'

/** Returned by audit.list. */
export interface AuditEntry {
  id: number
  /** The user whom the change concerns; null when it concerns all. */
  userId: number | null
  /** Who made the change: `user:1`, or `system` for the server itself. */
  actor: string
  /** What the actor called with: `apiKey:7`, `session:3`, `accessToken:7` or `identity:2`. */
  credential: string | null
  /** The procedure that made the change, such as `projects.update`. */
  action: string
  /** What was changed, such as `project:5`. */
  subject: string
  /** The fields that changed, as they were; null when the subject is new. */
  before: Record<string, unknown> | null
  /** The same fields afterwards; all fields of a new subject. */
  after: Record<string, unknown> | null
  requestId: string | null
  /** The network address of the caller. */
  address: string | null
  /** ISO-8601 UTC. */
  createdAt: string
}

/** Returned by system.books. */
export interface Books {
  verification: LastVerification
  /** By age, the youngest first; of at most 10,000 holds, the first to expire. */
  openHolds: OpenHolds[]
  /** Names, oldest first. */
  migrations: { done: string[]; pending: string[] }
  versions: { server: string; schema: string; database: string }
}

export type Breakdown = BreakdownLine[]

export type BreakdownKind = 'input' | 'cachedInput' | 'cacheWrite' | 'cacheWrite1h' | 'output' | 'audioInput' | 'cachedAudioInput' | 'audioOutput' | 'request' | 'search'

export interface BreakdownLine {
  kind: BreakdownKind
  /** Tokens, requests or searches. */
  units: number
  /** USD per million tokens, per request, or per thousand searches. */
  rate: string
  /** USD. The amounts of a breakdown add up to the total exactly. */
  amount: string
}

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

export interface BudgetAtRisk {
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
  /** Of the project. */
  name: string
  userId: number
}

export interface CostPoint {
  /** ISO-8601 UTC. */
  at: string
  /** USD; the sum of all cost records up to this instant. */
  totalCost: string
  /** How many cost records there are since the point before. */
  records: number
}

/** Returned by costs.get, costs.list. */
export interface CostRecord {
  id: number
  projectId: number
  /** The name that the caller or the provider gave. */
  model: string
  /** The name of the model without date and gateway, for reports; null when no price rule knows the model. */
  canonicalModel: string | null
  /** Tokens sent, including cached ones. */
  promptTokens: number
  /** Tokens received. */
  completionTokens: number
  /** Prompt tokens the provider read from its cache. */
  cachedPromptTokens: number
  /** USD; negative only in an adjustment. */
  totalCost: string
  actionType: string | null
  /** Where the token counts come from. `estimated`: they were not counted. */
  usageSource: UsageSource
  priceSource: PriceSource
  /** The override that the cost was computed from, if any. */
  priceId: number | null
  /** How the cost was computed; null when the caller gave it. */
  breakdown: Breakdown | null
  unpriced: unpriced
  reservationId: number | null
  /** The cost record that an adjustment of `prices.reprice` corrects. */
  correctsRecordId: number | null
  /** ISO-8601 UTC. */
  createdAt: string
}

/**
 * What a project spent over time, exact at each point. The newest 20,000 cost records are spread over the points;
 * before them, a point is the end of a UTC day.
 */
export interface CostTimeline {
  /** Oldest first; the last one has the total of the project. */
  points: CostPoint[]
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

/** Returned by audit.failedSignIns. */
export interface FailedSignIns {
  /** An IPv4 address, or an IPv6 network such as `2001:db8:0:1::/64`; `others` where there were too many. */
  address: string
  /** The beginning of the hour, UTC. ISO-8601 UTC. */
  hour: string
  /** How many wrong credentials came from the address within the hour. */
  count: number
}

/** Returned by system.health. */
export interface Health {
  status: 'ok'
  version: string
  dialect: 'sqlite' | 'postgres'
}

/** Returned by identities.create, identities.list, identities.remove. */
export interface Identity {
  id: number
  userId: number
  /** The `iss` of its tokens. */
  issuer: string
  /** The `sub` of its tokens. */
  subject: string
  /** ISO-8601 UTC. */
  createdAt: string
}

export interface LastVerification {
  /** Null before the first verification. ISO-8601 UTC. */
  verifiedAt: string | null
  /** How many drifts it listed, at most 100. */
  drifts: number
}

export interface OpenHolds {
  /** The age of the oldest of them, in seconds; the line before has the younger ones. Null: any age. */
  maxAgeSeconds: number | null
  holds: number
  /** How many of them are past their expiry: they count for nothing, and will be swept. */
  due: number
  /** USD; the sum of all of them. */
  amount: string
}

/** Returned by reports.overview. */
export interface Overview {
  spend: { today: PeriodSpend; last7Days: PeriodSpend; last30Days: PeriodSpend }
  projects: ProjectCounts
  /**
   * Running projects that have spent and reserved at least 80 % of their limit, the fullest first: at most 20, of the
   * 1,000 newest running projects.
   */
  budgetsAtRisk: BudgetAtRisk[]
  /** Null unless the caller sees everything, as an admin does. */
  verification: LastVerification | null
}

export interface PeriodSpend {
  /** The first day, UTC. */
  from: string
  /** The day after the last one, UTC. */
  to: string
  /** USD; negative where adjustments outweigh the costs. */
  totalCost: string
  records: number
  /** The same for as many days before `from`. */
  before: { totalCost: string; records: number }
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
  source: 'catalogue' | 'override'
  rule: PriceRule
  /** The name of the model without date and gateway. */
  canonicalModel: string
  breakdown: Breakdown
  unpriced: unpriced
  /** The same as `source`. */
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

export interface PriceRule {
  /** The model of the override, or its name in the catalogue. */
  model: string
  /** The name, alias or pattern that matched. */
  matched: string
  /**
   * How the called name matched. `name`: as it is. `date`: without its date or version. `prefix`: without the prefix of
   * a gateway. `alias`: as another name that the override or the catalogue lists. `pattern`: by a pattern of the
   * override.
   */
  by: 'name' | 'alias' | 'date' | 'prefix' | 'pattern'
  /** The override; null for the catalogue. */
  priceId: number | null
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

/**
 * A model of the catalogue at a provider, with its current price there, that of calls with few prompt tokens, and the
 * override in force beside it.
 */
export interface PricedModel {
  /** The provider's name in the catalogue. */
  provider: string
  /** The model's name in the catalogue. */
  model: string
  /** USD per million prompt tokens. Null: no rate is known. */
  inputPrice: string | null
  /** USD per million completion tokens. Null: no rate is known. */
  outputPrice: string | null
  /** USD per million prompt tokens read from the cache. Null: no rate is known. */
  cachedPrice: string | null
  /** USD per request, regardless of its tokens. */
  requestPrice: string
  /** When the catalogue's price took effect, if known. ISO-8601 UTC. */
  effectiveFrom: string | null
  /** When the catalogue's price ends, if known. ISO-8601 UTC. */
  effectiveTo: string | null
  /** The override that prices calls of the model at this provider instead; null when there is none. */
  override: PriceOverride | null
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

/** How many projects have each status, each counted up to 100,000. */
export interface ProjectCounts {
  pending: number
  running: number
  completed: number
  failed: number
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

/** Returned by prices.reprice. */
export interface RepriceOutput {
  /** Newest first. */
  items: RepricedRecord[]
  /** USD; the sum of the differences of this page. */
  difference: string
  /** Pass it as `cursor` to continue with older records. A page can be empty although more follow. */
  nextCursor: string | null
}

export interface RepricedRecord {
  recordId: number
  projectId: number
  model: string
  /** ISO-8601 UTC. */
  createdAt: string
  /** USD; the cost with earlier corrections. */
  recordedCost: string
  /** USD; the cost by the price that was in force. */
  repricedCost: string
  /** USD; repricedCost - recordedCost. */
  difference: string
  /** The adjustment that corrects the record; null in a dry run. */
  adjustmentId: number | null
}

/** Returned by budgets.reservations. */
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
  /** UTC. This and the next five fields are present only if `groupBy` names them. */
  day?: string
  userId?: number
  projectId?: number
  /** `adjustment` for adjustments. */
  model?: string
  /** The model without date and gateway; null for records of models that no price rule knew. */
  canonicalModel?: string | null
  /** Null for records without one. */
  actionType?: string | null
  records: number
  /** Tokens; a sum is capped at 2^53 - 1. */
  promptTokens: number
  /** Tokens; a sum is capped at 2^53 - 1. */
  completionTokens: number
  /** USD; negative where adjustments outweigh the costs. */
  totalCost: string
  /** USD; the part of the total that is for estimated tokens. */
  estimatedCost: string
}

/** Returned by prices.unknown. */
export interface UnknownModel {
  model: string
  /** The provider that the calls named. */
  provider: string | null
  /** How many calls were refused. */
  calls: number
  /** ISO-8601 UTC. */
  lastSeenAt: string
}

export type UsageSource = 'provider' | 'caller' | 'estimated'

/**
 * Returned by users.get, users.getByUsername, users.me, users.list, users.update, users.deactivate, users.reactivate.
 */
export interface User {
  id: number
  username: string
  email: string
  role: Role
  /** USD; the most that all projects of the user may spend together. Null: no limit. */
  spendingLimit: string | null
  /** USD; the sum over the projects of the user. */
  totalCost: string
  /** When set, no credential of the user is valid. ISO-8601 UTC. */
  deactivatedAt: string | null
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

/**
 * What the cost does not include, because its rate is unknown: a kind such as `search`, a tool such as
 * `codeInterpreter`, or `serviceTier` when the standard rates were applied instead.
 */
export type unpriced = string[]
