// Generated from the contract of @mgx/api by `npm run generate`; do not edit.

import type { ApiKeyScope, ProjectStatus, Role, SessionStatus } from './entities.js'

/** Input of costs.adjust. */
export interface AdjustCostInput {
  projectId: number
  /** USD; what the total of the project shall be. */
  totalCost: string | number
  /** Why; kept in the audit log. 1 to 1,000 characters. */
  reason: string
  /**
   * Sent again with the same content it answers as the first time; with other content it is refused. 1 to 255
   * characters.
   */
  idempotencyKey?: string | undefined
}

/** Input of apiKeys.rotate, apiKeys.revoke. */
export interface ApiKeyId {
  id: number
}

/** Input of budgets.get. */
export interface BudgetInput {
  projectId: number
}

/** Input of costs.total. */
export interface CostTotalInput {
  projectId: number
}

/** Input of apiKeys.create. */
export interface CreateApiKeyInput {
  /** 1 to 100 characters. */
  name: string
  /** Admins only: whose key; without it, the caller. */
  userId?: number | undefined
  /** 1 to 2 items. Default: ["read","write"]. */
  scopes?: ApiKeyScope[] | undefined
  /** ISO-8601 with a zone, in the future. */
  expiresAt?: string | undefined
}

/** Input of projects.create. */
export interface CreateProjectInput {
  /** 1 to 255 characters. */
  name: string
  /** 1 to 100,000 characters. */
  idea: string
  /** At most 10,000 characters. */
  description?: string | null | undefined
  /** USD; the budget limit of the run. Default: "3". */
  investment?: string | number | undefined
  /** Any JSON object, at most 16 KiB and 32 levels. */
  metadata?: object | null | undefined
  /** Admins only: whose project; without it, the caller. */
  userId?: number | undefined
  /**
   * Sent again with the same content it answers as the first time; with other content it is refused. 1 to 255
   * characters.
   */
  idempotencyKey?: string | undefined
}

/** Input of sessions.create. */
export interface CreateSessionInput {
  /** Binds the session to one project. */
  projectId?: number | null | undefined
  /** Seconds until it expires; a day unless told, a year at most. 1 to 31,536,000. Default: 86400. */
  ttlSeconds?: number | undefined
  /** Any JSON object, at most 16 KiB and 32 levels. */
  metadata?: object | null | undefined
}

/** Input of users.create. */
export interface CreateUserInput {
  /** Unique, whatever its case. 1 to 100 characters. */
  username: string
  /** Unique, whatever its case. At most 254 characters. */
  email: string
  /** Default: "member". */
  role?: Role | undefined
  /** USD, zero or more: a decimal string with up to nine decimals, or a number (rounded half-even to nine decimals). */
  spendingLimit?: string | number | null | undefined
  /** A key of your own, 16 to 128 printable characters; without it one is made and answered once. */
  apiKey?: string | undefined
}

/** Input of budgets.extend. */
export interface ExtendReservationInput {
  reservationId: number
  /** Seconds from now until it expires. 1 to 86,400. */
  ttlSeconds: number
}

/** Input of sessions.extend. */
export interface ExtendSessionInput {
  id: number
  /** Seconds from now until it expires. 1 to 31,536,000. */
  ttlSeconds: number
}

/** Input of apiKeys.list. */
export interface ListApiKeysInput {
  /** Admins only: whose keys. */
  userId?: number | undefined
  /** Rows on the page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the page before. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of costs.list. */
export interface ListCostsInput {
  projectId: number
  /** At most 100 characters. */
  actionType?: string | undefined
  /** At most 200 characters. */
  model?: string | undefined
  /** ISO-8601; records at or after it. */
  from?: string | undefined
  /** ISO-8601; records before it. */
  to?: string | undefined
  /** Rows on the page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the page before. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of prices.list. */
export interface ListPricesInput {
  /** At most 200 characters. */
  model?: string | undefined
  /** Rows on the page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the page before. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of projects.list. */
export interface ListProjectsInput {
  userId?: number | undefined
  status?: ProjectStatus | undefined
  /** Rows on the page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the page before. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of sessions.list. */
export interface ListSessionsInput {
  projectId?: number | undefined
  status?: SessionStatus | undefined
  /** Rows on the page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the page before. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of users.list. */
export interface ListUsersInput {
  /** Rows on the page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the page before. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of projects.get. */
export interface ProjectId {
  id: number
}

/** Input of prices.quote. */
export interface QuotePriceInput {
  /** 1 to 200 characters. */
  model: string
  /** Tokens sent, cached ones among them. At least 0. */
  promptTokens: number
  /** Tokens received. At least 0. */
  completionTokens: number
  /** How many of the prompt tokens come from the cache. At least 0. Default: 0. */
  cachedPromptTokens?: number | undefined
  /** ISO-8601; when the call is made. Without it, now. */
  at?: string | undefined
}

/** Input of costs.record. */
export interface RecordCostInput {
  projectId: number
  /** 1 to 200 characters. */
  model: string
  /** Tokens sent, cached ones among them. At least 0. */
  promptTokens: number
  /** Tokens received. At least 0. */
  completionTokens: number
  /** How many of the prompt tokens came from the cache. At least 0. Default: 0. */
  cachedPromptTokens?: number | undefined
  /** USD; without it the call is priced here. */
  totalCost?: string | number | undefined
  /** 1 to 100 characters. */
  actionType?: string | null | undefined
  /**
   * Sent again with the same content it answers as the first time; with other content it is refused. 1 to 255
   * characters.
   */
  idempotencyKey?: string | undefined
}

/** Input of costs.recordMany. */
export interface RecordManyInput {
  /** 1 to 1,000 items. */
  records: RecordCostInput[]
}

/** Input of costs.recordUsage. */
export interface RecordUsageInput {
  projectId: number
  provider: UsageProvider
  /**
   * The response body as the provider sent it: of OpenAI chat completions, responses, images or embeddings, of
   * Anthropic messages, of Gemini generateContent.
   */
  response: object
  /** For a body that does not name its model. 1 to 200 characters. */
  model?: string | undefined
  /** 1 to 100 characters. */
  actionType?: string | null | undefined
  /**
   * Sent again with the same content it answers as the first time; with other content it is refused. 1 to 255
   * characters.
   */
  idempotencyKey?: string | undefined
}

/** Input of reports.projects, reports.users. */
export interface ReportInput {
  /** Rows on the page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the page before. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of budgets.release. */
export interface ReservationId {
  reservationId: number
}

/** Input of budgets.reserve. */
export type ReserveInput =
  | {
      projectId: number
      /** Seconds until it expires; 5 minutes unless told, a day at most. 1 to 86,400. Default: 300. */
      ttlSeconds?: number | undefined
      /**
       * Sent again with the same content it answers as the first time; with other content it is refused. 1 to 255
       * characters.
       */
      idempotencyKey?: string | undefined
      /** USD, more than zero. */
      amount: string | number
    }
  | {
      projectId: number
      /** Seconds until it expires; 5 minutes unless told, a day at most. 1 to 86,400. Default: 300. */
      ttlSeconds?: number | undefined
      /**
       * Sent again with the same content it answers as the first time; with other content it is refused. 1 to 255
       * characters.
       */
      idempotencyKey?: string | undefined
      /** 1 to 200 characters. */
      model: string
      /** Tokens the call may send, at most. At least 0. */
      maxPromptTokens: number
      /** Tokens it may receive, at most. At least 0. */
      maxCompletionTokens: number
    }

/** Input of sessions.get, sessions.close. */
export interface SessionId {
  id: number
}

/** Input of sessions.verify. */
export interface SessionToken {
  /** At most 200 characters. */
  token: string
}

/** Input of prices.set. */
export interface SetPriceInput {
  /** The model exactly as calls name it. 1 to 200 characters. */
  model: string
  /** USD a million prompt tokens. */
  inputPrice: string | number
  /** USD a million completion tokens. */
  outputPrice: string | number
  /** USD a million prompt tokens from the cache; without it, inputPrice. */
  cachedPrice?: string | number | undefined
  /** ISO-8601; in force from then on. Without it, now. */
  effectiveFrom?: string | undefined
  /** ISO-8601; in force until then. Without it, until another follows. */
  effectiveTo?: string | null | undefined
  /**
   * Sent again with the same content it answers as the first time; with other content it is refused. 1 to 255
   * characters.
   */
  idempotencyKey?: string | undefined
}

/** Input of budgets.settle. */
export interface SettleInput {
  reservationId: number
  /** 1 to 200 characters. */
  model: string
  /** Tokens sent, cached ones among them. At least 0. */
  promptTokens: number
  /** Tokens received. At least 0. */
  completionTokens: number
  /** How many of the prompt tokens came from the cache. At least 0. Default: 0. */
  cachedPromptTokens?: number | undefined
  /** USD; without it the call is priced here. */
  totalCost?: string | number | undefined
  /** 1 to 100 characters. */
  actionType?: string | null | undefined
}

export type SpendGroup = 'day' | 'user' | 'project' | 'model' | 'actionType'

/** Input of reports.spend. */
export interface SpendInput {
  /** A row for each combination of these; also the order of the rows, ascending. 1 to 5 items. */
  groupBy: SpendGroup[]
  /** The first day, UTC, as YYYY-MM-DD. */
  from?: string | undefined
  /** The day after the last one, UTC, as YYYY-MM-DD. */
  to?: string | undefined
  projectId?: number | undefined
  userId?: number | undefined
  /** Rows on the page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the page before, with the same `groupBy`. At most 4,000 characters. */
  cursor?: string | undefined
}

/** Input of projects.update. */
export interface UpdateProjectInput {
  id: number
  /** 1 to 255 characters. */
  name?: string | undefined
  /** At most 10,000 characters. */
  description?: string | null | undefined
  /** Any JSON object, at most 16 KiB and 32 levels. */
  metadata?: object | null | undefined
  /** USD; not below what is spent and reserved. */
  investment?: string | number | undefined
}

/** Input of projects.updateStatus. */
export interface UpdateProjectStatusInput {
  id: number
  status: ProjectStatus
  /** Where the result is. 1 to 4,096 characters. */
  projectPath?: string | undefined
  /** Why the run failed. At most 10,000 characters. */
  error?: string | undefined
}

/** Input of users.update. */
export interface UpdateUserInput {
  id: number
  /** At most 254 characters. */
  email?: string | undefined
  /** Admins only. */
  role?: Role | undefined
  /** USD; admins only. Null takes the limit away. */
  spendingLimit?: string | number | null | undefined
}

export type UsageProvider = 'openai' | 'anthropic' | 'google'

/** Input of users.get. */
export interface UserId {
  id: number
}

/** Input of users.getByUsername. */
export interface Username {
  /** At most 100 characters. */
  username: string
}

/** Input of costs.watch. */
export interface WatchCostsInput {
  projectId: number
  /** The id of the last record received; those after it follow. 0: from the first. Without it: from now on. */
  lastEventId?: string | number | undefined
}
