// Generated from the contract of @mgx/api by `npm run generate`; do not edit.

import type { ApiKeyScope, ProjectStatus, ReservationStatus, Role, SessionStatus } from './entities.js'

/** Input of costs.adjust. */
export interface AdjustCostInput {
  projectId: number
  /** USD; the new total of the project. */
  totalCost: string | number
  /** The reason for the correction; kept in the audit log. 1 to 1,000 characters. */
  reason: string
  /**
   * Repeating a key with the same content returns the first response; with different content, the call is refused. 1 to
   * 255 characters.
   */
  idempotencyKey?: string | undefined
}

/** Input of apiKeys.revoke. */
export interface ApiKeyId {
  id: number
}

/** Input of budgets.get. */
export interface BudgetInput {
  projectId: number
}

/** Input of costs.get. */
export interface CostId {
  id: number
}

/** Input of costs.timeline. */
export interface CostTimelineInput {
  projectId: number
  /** The most items in `points`, 2 to 500. Default: 200. */
  points?: number | undefined
}

/** Input of costs.total. */
export interface CostTotalInput {
  projectId: number
}

/** Input of projects.count. */
export interface CountProjectsInput {
  userId?: number | undefined
  /**
   * Only projects whose name or idea contains this text, ignoring case, among the 10,000 newest projects. 1 to 200
   * characters.
   */
  search?: string | undefined
}

/** Input of apiKeys.create. */
export interface CreateApiKeyInput {
  /** 1 to 100 characters. */
  name: string
  /** Admins only: the user the key is for. Defaults to the caller. */
  userId?: number | undefined
  /**
   * Each scope includes those before it. Defaults to `write` for a member and to `admin` for an admin. 1 to 4 items.
   */
  scopes?: ApiKeyScope[] | undefined
  /** Binds the key to one project of its user. The key ends with the project. */
  projectId?: number | undefined
  /** The most calls a minute, instead of the server's own limit. 1 to 1,000,000. */
  callsPerMinute?: number | undefined
  /** ISO-8601 with a time zone; must be in the future. */
  expiresAt?: string | undefined
}

/** Input of identities.create. */
export interface CreateIdentityInput {
  userId: number
  /** The `iss` of its tokens, exactly: a slash at the end makes another issuer. */
  issuer: string
  /** The `sub` of its tokens. 1 to 255 characters. */
  subject: string
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
  /** Admins only: the user the project is for. Defaults to the caller. */
  userId?: number | undefined
  /**
   * Repeating a key with the same content returns the first response; with different content, the call is refused. 1 to
   * 255 characters.
   */
  idempotencyKey?: string | undefined
}

/** Input of sessions.create. */
export interface CreateSessionInput {
  /** Binds the session to one project. */
  projectId?: number | null | undefined
  /** Seconds until the session expires. Defaults to a day; at most a year. 1 to 31,536,000. Default: 86400. */
  ttlSeconds?: number | undefined
  /** Any JSON object, at most 16 KiB and 32 levels. */
  metadata?: object | null | undefined
}

/** Input of users.create. */
export interface CreateUserInput {
  /** Unique, ignoring case. 1 to 100 characters. */
  username: string
  /** Unique, ignoring case. At most 254 characters. */
  email: string
  /** Default: "member". */
  role?: Role | undefined
  /** USD, zero or more: a decimal string with up to nine decimals, or a number (rounded half-even to nine decimals). */
  spendingLimit?: string | number | null | undefined
  /** A key of your choice, 16 to 128 printable characters. Without it, the server creates a key and returns it once. */
  apiKey?: string | undefined
}

/** Input of budgets.extend. */
export interface ExtendReservationInput {
  reservationId: number
  /** Seconds from now until the hold expires. 1 to 86,400. */
  ttlSeconds: number
}

/** Input of sessions.extend. */
export interface ExtendSessionInput {
  id: number
  /** Seconds from now until the session expires. 1 to 31,536,000. */
  ttlSeconds: number
}

/** Input of identities.remove. */
export interface IdentityId {
  id: number
}

/** Input of apiKeys.list. */
export interface ListApiKeysInput {
  /** Admins only: the user whose keys to list. Defaults to the caller. */
  userId?: number | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of audit.list. */
export interface ListAuditInput {
  /** Only changes that concern this user. */
  userId?: number | undefined
  /** Only changes by this actor: `user:1` or `system`. 1 to 300 characters. */
  actor?: string | undefined
  /** Only changes by this procedure, such as `projects.update`. 1 to 300 characters. */
  action?: string | undefined
  /**
   * Only changes of this subject: `user:1`, `apiKey:7`, `session:3`, `project:5`, `model:gpt-4o`. 1 to 300 characters.
   */
  subject?: string | undefined
  /** ISO-8601; only changes made at or after this instant. */
  from?: string | undefined
  /** ISO-8601; only changes made before this instant. */
  to?: string | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of costs.list. */
export interface ListCostsInput {
  projectId: number
  /** At most 100 characters. */
  actionType?: string | undefined
  /** At most 200 characters. */
  model?: string | undefined
  /** ISO-8601; only records created at or after this instant. */
  from?: string | undefined
  /** ISO-8601; only records created before this instant. */
  to?: string | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of audit.failedSignIns. */
export interface ListFailedSignInsInput {
  /** ISO-8601; only hours that begin at or after this instant. */
  from?: string | undefined
  /** ISO-8601; only hours that begin before this instant. */
  to?: string | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of identities.list. */
export interface ListIdentitiesInput {
  /** Admins only: the user whose identities to list. Defaults to the caller. */
  userId?: number | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of prices.models. */
export interface ListPricedModelsInput {
  /** Only models whose name, or whose provider, contains this text, ignoring case. 1 to 200 characters. */
  search?: string | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 1,000 characters. */
  cursor?: string | undefined
}

/** Input of prices.list. */
export interface ListPricesInput {
  /** At most 200 characters. */
  model?: string | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of projects.list. */
export interface ListProjectsInput {
  userId?: number | undefined
  status?: ProjectStatus | undefined
  /** Only projects with one of these statuses; instead of `status`. 1 to 4 items. */
  statuses?: ProjectStatus[] | undefined
  /**
   * Only projects whose name or idea contains this text, ignoring case. A page looks through 10,000 projects, so it can
   * be short, or empty, although more follow. 1 to 200 characters.
   */
  search?: string | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of budgets.reservations. */
export interface ListReservationsInput {
  projectId: number
  /**
   * Only reservations of this status. A hold past its `expiresAt` is `held` until it is swept, but counts for nothing.
   */
  status?: ReservationStatus | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of sessions.list. */
export interface ListSessionsInput {
  projectId?: number | undefined
  status?: SessionStatus | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of prices.unknown. */
export interface ListUnknownModelsInput {
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of users.list. */
export interface ListUsersInput {
  /**
   * Only users whose username or email contains this text, ignoring case. A page looks through 10,000 users, so it can
   * be short, or empty, although more follow. 1 to 200 characters.
   */
  search?: string | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Rates of calls with many prompt tokens. At least one. */
export interface PriceTierInput {
  /** The tier holds for calls with more prompt tokens than this. */
  abovePromptTokens: number
  /** USD per million prompt tokens. */
  inputPrice?: string | number | undefined
  /** USD per million completion tokens. */
  outputPrice?: string | number | undefined
  /** USD per million prompt tokens read from the cache. */
  cachedPrice?: string | number | undefined
  /** USD per million prompt tokens written to the cache for five minutes. */
  cacheWritePrice?: string | number | undefined
  /** USD per million prompt tokens written to the cache for an hour. */
  cacheWrite1hPrice?: string | number | undefined
  /** USD per million prompt tokens of audio. */
  audioInputPrice?: string | number | undefined
  /** USD per million prompt tokens of audio read from the cache. */
  cachedAudioInputPrice?: string | number | undefined
  /** USD per million completion tokens of audio. */
  audioOutputPrice?: string | number | undefined
  /** USD per request, regardless of its tokens. */
  requestPrice?: string | number | undefined
  /** USD per thousand searches. */
  searchPrice?: string | number | undefined
}

/** Input of projects.get. */
export interface ProjectId {
  id: number
}

/** Input of prices.quote. */
export interface QuotePriceInput {
  /** 1 to 200 characters. */
  model: string
  /** Tokens sent, including cached ones. At least 0. */
  promptTokens: number
  /** Tokens received. At least 0. */
  completionTokens: number
  /** How many of the prompt tokens came from the cache. At least 0. Default: 0. */
  cachedPromptTokens?: number | undefined
  /** How many of the prompt tokens the provider wrote to its cache for 5 minutes. At least 0. */
  cacheWriteTokens?: number | undefined
  /** How many of the prompt tokens the provider wrote to its cache for an hour. At least 0. */
  cacheWrite1hTokens?: number | undefined
  /** How many of the prompt tokens are audio. At least 0. */
  audioPromptTokens?: number | undefined
  /**
   * How many of the audio prompt tokens came from the cache. By default the cached tokens are text first. At least 0.
   */
  cachedAudioPromptTokens?: number | undefined
  /** How many of the completion tokens are audio. At least 0. */
  audioCompletionTokens?: number | undefined
  /** Searches that the provider made during the call, charged in addition to the tokens. At least 0. */
  searches?: number | undefined
  /** The provider whose price applies. By default the model name implies it. */
  provider?: UsageProvider | undefined
  /** How the provider processes the call. Defaults to what the response says, else to standard. */
  serviceTier?: ServiceTier | undefined
  /** ISO-8601; when the call is made. Defaults to now. */
  at?: string | undefined
}

/** Input of costs.record. */
export interface RecordCostInput {
  projectId: number
  /** 1 to 200 characters. */
  model: string
  /** Tokens sent, including cached ones. At least 0. */
  promptTokens: number
  /** Tokens received. At least 0. */
  completionTokens: number
  /** How many of the prompt tokens came from the cache. At least 0. Default: 0. */
  cachedPromptTokens?: number | undefined
  /** How many of the prompt tokens the provider wrote to its cache for 5 minutes. At least 0. */
  cacheWriteTokens?: number | undefined
  /** How many of the prompt tokens the provider wrote to its cache for an hour. At least 0. */
  cacheWrite1hTokens?: number | undefined
  /** How many of the prompt tokens are audio. At least 0. */
  audioPromptTokens?: number | undefined
  /**
   * How many of the audio prompt tokens came from the cache. By default the cached tokens are text first. At least 0.
   */
  cachedAudioPromptTokens?: number | undefined
  /** How many of the completion tokens are audio. At least 0. */
  audioCompletionTokens?: number | undefined
  /** Searches that the provider made during the call, charged in addition to the tokens. At least 0. */
  searches?: number | undefined
  /** The provider whose price applies. By default the model name implies it. */
  provider?: UsageProvider | undefined
  /** How the provider processes the call. Defaults to what the response says, else to standard. */
  serviceTier?: ServiceTier | undefined
  /** USD. Without it, the server prices the call. */
  totalCost?: string | number | undefined
  /** 1 to 100 characters. */
  actionType?: string | null | undefined
  /** `estimated` for tokens that were not counted, such as those of a stream that broke off. Defaults to `caller`. */
  usageSource?: 'caller' | 'estimated' | undefined
  /**
   * Repeating a key with the same content returns the first response; with different content, the call is refused. 1 to
   * 255 characters.
   */
  idempotencyKey?: string | undefined
}

/** Input of costs.recordMany. */
export interface RecordManyInput {
  /** 1 to 1,000 items. */
  records: RecordCostInput[]
}

/** Input of costs.recordUsage. */
export type RecordUsageInput =
  | {
      projectId: number
      /**
       * Repeating a key with the same content returns the first response; with different content, the call is refused. 1 to
       * 255 characters.
       */
      idempotencyKey?: string | undefined
      provider: UsageProvider
      /**
       * The response body as the provider sent it: OpenAI or Azure chat completions, responses, images, embeddings,
       * transcriptions or realtime; Anthropic messages; Gemini generateContent; Bedrock Converse or InvokeModel; chat
       * completions from the other providers.
       */
      response: object
      /**
       * The model; used when the body does not name it. For Bedrock it replaces the name in the body, because the price
       * depends on the id that was called. 1 to 200 characters.
       */
      model?: string | undefined
      /** How the provider processes the call. Defaults to what the response says, else to standard. */
      serviceTier?: ServiceTier | undefined
      /** 1 to 100 characters. */
      actionType?: string | null | undefined
    }
  | {
      projectId: number
      /**
       * Repeating a key with the same content returns the first response; with different content, the call is refused. 1 to
       * 255 characters.
       */
      idempotencyKey?: string | undefined
      provider: UsageProvider
      /** 1 to 200 characters. */
      model: string
      /** The usage object with which a stream ends, as the provider sent it. */
      usage: object
      /** How the provider processes the call. Defaults to what the response says, else to standard. */
      serviceTier?: ServiceTier | undefined
      /** 1 to 100 characters. */
      actionType?: string | null | undefined
    }

/** Input of reports.projects, reports.users. */
export interface ReportInput {
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
  cursor?: string | undefined
}

/** Input of prices.reprice. */
export interface RepriceInput {
  /** ISO-8601; records created at or after this instant. */
  from: string
  /** ISO-8601; records created before this instant. Defaults to now. */
  to?: string | undefined
  /** Only records of this model, by the name that was recorded or the canonical one. 1 to 200 characters. */
  model?: string | undefined
  projectId?: number | undefined
  /** Returns what would change, and changes nothing. Default: false. */
  dryRun?: boolean | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. At most 200 characters. */
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
      /** Seconds until the hold expires. Defaults to 5 minutes; at most a day. 1 to 86,400. Default: 300. */
      ttlSeconds?: number | undefined
      /**
       * Repeating a key with the same content returns the first response; with different content, the call is refused. 1 to
       * 255 characters.
       */
      idempotencyKey?: string | undefined
      /** USD, more than zero. */
      amount: string | number
    }
  | {
      projectId: number
      /** Seconds until the hold expires. Defaults to 5 minutes; at most a day. 1 to 86,400. Default: 300. */
      ttlSeconds?: number | undefined
      /**
       * Repeating a key with the same content returns the first response; with different content, the call is refused. 1 to
       * 255 characters.
       */
      idempotencyKey?: string | undefined
      /** 1 to 200 characters. */
      model: string
      /** The most tokens the call may send, cached ones included. At least 0. */
      maxPromptTokens: number
      /** The most tokens the call may receive. At least 0. */
      maxCompletionTokens: number
      /** The most web or file searches the call may make. Defaults to none. At least 0. */
      maxSearches?: number | undefined
      /** The provider whose price applies. By default the model name implies it. */
      provider?: UsageProvider | undefined
      /** Whether the call may write its prompt to the cache, which costs more. Defaults to true. */
      cacheWrites?: boolean | undefined
      /** The service tier that the call will use. Defaults to the most expensive one. */
      serviceTier?: ServiceTier | undefined
    }

/** Input of apiKeys.rotate. */
export interface RotateApiKeyInput {
  id: number
  /**
   * Seconds for which the replaced key stays valid, beside the new one. Defaults to a day; at most seven. 0 to 604,800.
   * Default: 86400.
   */
  overlapSeconds?: number | undefined
}

export type ServiceTier = 'standard' | 'batch' | 'flex' | 'priority'

export interface ServiceTierFactorsInput {
  /**
   * Multiplies the rates of tokens; requests and searches cost the same in every tier. At most six decimals. At most
   * 100.
   */
  batch?: number | undefined
  /**
   * Multiplies the rates of tokens; requests and searches cost the same in every tier. At most six decimals. At most
   * 100.
   */
  flex?: number | undefined
  /**
   * Multiplies the rates of tokens; requests and searches cost the same in every tier. At most six decimals. At most
   * 100.
   */
  priority?: number | undefined
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
  /**
   * The name of the model. The price also holds for its dated names and for names with the prefix of a gateway. 1 to
   * 200 characters.
   */
  model: string
  /** Other names of the model that the price holds for. Case does not matter. At most 50 items. */
  aliases?: string[] | undefined
  /**
   * A glob of further names that the price holds for: `*` stands for any text. Must not match every name. 1 to 200
   * characters.
   */
  pattern?: string | undefined
  /** USD per million prompt tokens. */
  inputPrice: string | number
  /** USD per million completion tokens. */
  outputPrice: string | number
  /**
   * USD per million prompt tokens read from the cache. A rate that is not given is derived from inputPrice or
   * outputPrice by the catalogue's ratio for the model; where it has none, it is inputPrice or outputPrice.
   */
  cachedPrice?: string | number | undefined
  /** USD per million prompt tokens written to the cache for five minutes. */
  cacheWritePrice?: string | number | undefined
  /** USD per million prompt tokens written to the cache for an hour. */
  cacheWrite1hPrice?: string | number | undefined
  /** USD per million prompt tokens of audio. */
  audioInputPrice?: string | number | undefined
  /** USD per million prompt tokens of audio read from the cache. */
  cachedAudioInputPrice?: string | number | undefined
  /** USD per million completion tokens of audio. */
  audioOutputPrice?: string | number | undefined
  /** USD per request, regardless of its tokens. */
  requestPrice?: string | number | undefined
  /** USD per thousand searches. */
  searchPrice?: string | number | undefined
  /**
   * Rates that replace the other ones for calls with many prompt tokens; at most 10 tiers. A rate that a tier does not
   * give is not replaced. At most 10 items.
   */
  tiers?: PriceTierInput[] | undefined
  /** Factors on the rates of tokens for calls in a service tier. Default to the share that the provider publishes. */
  serviceTiers?: ServiceTierFactorsInput | undefined
  /** ISO-8601; when the price takes effect. Defaults to now. */
  effectiveFrom?: string | undefined
  /** ISO-8601; when the price ends. Without it, when the next price takes effect. */
  effectiveTo?: string | null | undefined
  /**
   * Repeating a key with the same content returns the first response; with different content, the call is refused. 1 to
   * 255 characters.
   */
  idempotencyKey?: string | undefined
}

/** Input of budgets.settle. */
export type SettleInput =
  | {
      reservationId: number
      /** 1 to 200 characters. */
      model: string
      /** Tokens sent, including cached ones. At least 0. */
      promptTokens: number
      /** Tokens received. At least 0. */
      completionTokens: number
      /** How many of the prompt tokens came from the cache. At least 0. Default: 0. */
      cachedPromptTokens?: number | undefined
      /** How many of the prompt tokens the provider wrote to its cache for 5 minutes. At least 0. */
      cacheWriteTokens?: number | undefined
      /** How many of the prompt tokens the provider wrote to its cache for an hour. At least 0. */
      cacheWrite1hTokens?: number | undefined
      /** How many of the prompt tokens are audio. At least 0. */
      audioPromptTokens?: number | undefined
      /**
       * How many of the audio prompt tokens came from the cache. By default the cached tokens are text first. At least 0.
       */
      cachedAudioPromptTokens?: number | undefined
      /** How many of the completion tokens are audio. At least 0. */
      audioCompletionTokens?: number | undefined
      /** Searches that the provider made during the call, charged in addition to the tokens. At least 0. */
      searches?: number | undefined
      /** The provider whose price applies. By default the model name implies it. */
      provider?: UsageProvider | undefined
      /** How the provider processes the call. Defaults to what the response says, else to standard. */
      serviceTier?: ServiceTier | undefined
      /** USD. Without it, the server prices the call. */
      totalCost?: string | number | undefined
      /** 1 to 100 characters. */
      actionType?: string | null | undefined
      /** `estimated` for tokens that were not counted, such as those of a stream that broke off. Defaults to `caller`. */
      usageSource?: 'caller' | 'estimated' | undefined
    }
  | {
      reservationId: number
      provider: UsageProvider
      /**
       * The response body as the provider sent it: OpenAI or Azure chat completions, responses, images, embeddings,
       * transcriptions or realtime; Anthropic messages; Gemini generateContent; Bedrock Converse or InvokeModel; chat
       * completions from the other providers.
       */
      response: object
      /**
       * The model; used when the body does not name it. For Bedrock it replaces the name in the body, because the price
       * depends on the id that was called. 1 to 200 characters.
       */
      model?: string | undefined
      /** How the provider processes the call. Defaults to what the response says, else to standard. */
      serviceTier?: ServiceTier | undefined
      /** 1 to 100 characters. */
      actionType?: string | null | undefined
    }
  | {
      reservationId: number
      provider: UsageProvider
      /** 1 to 200 characters. */
      model: string
      /** The usage object with which a stream ends, as the provider sent it. */
      usage: object
      /** How the provider processes the call. Defaults to what the response says, else to standard. */
      serviceTier?: ServiceTier | undefined
      /** 1 to 100 characters. */
      actionType?: string | null | undefined
    }

export type SpendGroup = 'day' | 'user' | 'project' | 'model' | 'canonicalModel' | 'actionType'

/** Input of reports.spend. */
export interface SpendInput {
  /** One row for each combination of these groups; rows are sorted by them in this order, ascending. 1 to 6 items. */
  groupBy: SpendGroup[]
  /** The first day, UTC, as YYYY-MM-DD. */
  from?: string | undefined
  /** The day after the last one, UTC, as YYYY-MM-DD. */
  to?: string | undefined
  projectId?: number | undefined
  userId?: number | undefined
  /** Rows per page, 1 to 200. Default: 50. */
  limit?: number | undefined
  /** `nextCursor` of the previous page, with the same `groupBy`. At most 4,000 characters. */
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
  /** USD; at least what is spent and reserved. */
  investment?: string | number | undefined
}

/** Input of projects.updateStatus. */
export interface UpdateProjectStatusInput {
  id: number
  status: ProjectStatus
  /** The location of the result. 1 to 4,096 characters. */
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
  /** USD; admins only. Null removes the limit. */
  spendingLimit?: string | number | null | undefined
}

export type UsageProvider = 'openai' | 'anthropic' | 'google' | 'azure' | 'bedrock' | 'aws' | 'openrouter' | 'mistral' | 'groq' | 'deepseek' | 'x-ai'

/** Input of users.get, users.deactivate, users.reactivate. */
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
  /**
   * The id of the last record received; the stream continues after it. 0 starts at the first record. Without it, the
   * stream starts with new records.
   */
  lastEventId?: string | number | undefined
}
