// Generated from the contract of @mgx/api by `npm run generate`; do not edit.

import type { CallOptions, StreamOptions } from '../options.js'
import type { MgxPromise, PagePromise } from '../transport/mgx-promise.js'
import type { StreamEvent } from '../transport/stream.js'
import type {
  ApiKey,
  Budget,
  CostRecord,
  CostTotal,
  CreatedApiKey,
  CreatedSession,
  CreatedUser,
  Health,
  PriceOverride,
  PriceQuote,
  Project,
  ProjectSpend,
  RecordManyOutput,
  RecordedCost,
  ReservationAndBudget,
  Session,
  SettledReservation,
  Spend,
  User,
  UserSpend,
  Verification,
  WatchedCost,
} from './entities.js'
import type {
  AdjustCostInput,
  ApiKeyId,
  BudgetInput,
  CostTotalInput,
  CreateApiKeyInput,
  CreateProjectInput,
  CreateSessionInput,
  CreateUserInput,
  ExtendReservationInput,
  ExtendSessionInput,
  ListApiKeysInput,
  ListCostsInput,
  ListPricesInput,
  ListProjectsInput,
  ListSessionsInput,
  ListUsersInput,
  ProjectId,
  QuotePriceInput,
  RecordCostInput,
  RecordManyInput,
  RecordUsageInput,
  ReportInput,
  ReservationId,
  ReserveInput,
  SessionId,
  SessionToken,
  SetPriceInput,
  SettleInput,
  SpendInput,
  UpdateProjectInput,
  UpdateProjectStatusInput,
  UpdateUserInput,
  UserId,
  Username,
  WatchCostsInput,
} from './inputs.js'

/** The methods under `mgx.system`. */
export interface SystemMethods {
  /**
   * Whether the server answers, which version it is and on which database it runs.
   * @example
   * const { status, version, dialect } = await mgx.system.health()
   */
  health(options?: CallOptions): MgxPromise<Health>
  /**
   * Adds everything up again and lists what does not agree, the first 100 drifts; corrects nothing.
   * @example
   * const { ok, verifiedAt, checked, drifts, hasMore } = await mgx.system.verify()
   */
  verify(options?: CallOptions): MgxPromise<Verification>
}

/** The methods under `mgx.users`. */
export interface UsersMethods {
  /**
   * Makes a user and their first API key, which is answered this once.
   * @example
   * const { user, apiKey } = await mgx.users.create({ username: 'ada', email: 'ada@example.com' })
   */
  create(input: CreateUserInput, options?: CallOptions): MgxPromise<CreatedUser>
  /**
   * A user by id.
   * @example
   * const user = await mgx.users.get({ id: 1 })
   */
  get(input: UserId, options?: CallOptions): MgxPromise<User>
  /**
   * A user by username, whatever its case.
   * @example
   * const user = await mgx.users.getByUsername({ username: 'ada' })
   */
  getByUsername(input: Username, options?: CallOptions): MgxPromise<User>
  /**
   * The user who calls.
   * @example
   * const user = await mgx.users.me()
   */
  me(options?: CallOptions): MgxPromise<User>
  /**
   * All users, newest first.
   * @example
   * for await (const user of mgx.users.list()) console.log(user)
   */
  list(input?: ListUsersInput, options?: CallOptions): PagePromise<User>
  /**
   * Changes the fields that are given; role and spending limit are for admins.
   * @example
   * const user = await mgx.users.update({ id: 1, spendingLimit: '100' })
   */
  update(input: UpdateUserInput, options?: CallOptions): MgxPromise<User>
}

/** The methods under `mgx.apiKeys`. */
export interface ApiKeysMethods {
  /**
   * Makes an API key, which is answered this once.
   * @example
   * const { apiKey, key } = await mgx.apiKeys.create({ name: 'night runs' })
   */
  create(input: CreateApiKeyInput, options?: CallOptions): MgxPromise<CreatedApiKey>
  /**
   * The API keys of a user, newest first; never the keys themselves.
   * @example
   * for await (const apiKey of mgx.apiKeys.list()) console.log(apiKey)
   */
  list(input?: ListApiKeysInput, options?: CallOptions): PagePromise<ApiKey>
  /**
   * Revokes an API key and makes one like it, which is answered this once.
   * @example
   * const { apiKey, key } = await mgx.apiKeys.rotate({ id: 2 })
   */
  rotate(input: ApiKeyId, options?: CallOptions): MgxPromise<CreatedApiKey>
  /**
   * Ends an API key, everywhere within 5 seconds. The last usable key of the admins is refused.
   * @example
   * const apiKey = await mgx.apiKeys.revoke({ id: 2 })
   */
  revoke(input: ApiKeyId, options?: CallOptions): MgxPromise<ApiKey>
}

/** The methods under `mgx.projects`. */
export interface ProjectsMethods {
  /**
   * Starts a project: an idea and an investment, pending until it runs.
   * @example
   * const project = await mgx.projects.create({ name: 'Snake', idea: 'A snake game in the terminal' })
   */
  create(input: CreateProjectInput, options?: CallOptions): MgxPromise<Project>
  /**
   * A project by id.
   * @example
   * const project = await mgx.projects.get({ id: 1 })
   */
  get(input: ProjectId, options?: CallOptions): MgxPromise<Project>
  /**
   * The projects the caller may see, newest first.
   * @example
   * for await (const project of mgx.projects.list()) console.log(project)
   */
  list(input?: ListProjectsInput, options?: CallOptions): PagePromise<Project>
  /**
   * Changes the fields that are given; the investment never below what is spent and reserved.
   * @example
   * const project = await mgx.projects.update({ id: 1, investment: '5' })
   */
  update(input: UpdateProjectInput, options?: CallOptions): MgxPromise<Project>
  /**
   * Moves a project on: pending to running or failed, running to completed or failed.
   * @example
   * const project = await mgx.projects.updateStatus({ id: 1, status: 'running' })
   */
  updateStatus(input: UpdateProjectStatusInput, options?: CallOptions): MgxPromise<Project>
}

/** The methods under `mgx.costs`. */
export interface CostsMethods {
  /**
   * Writes the cost of one model call, also past the budget: the money is gone already. Without totalCost the call is
   * priced here.
   * @example
   * const { record, budget } = await mgx.costs.record({
   *   projectId: 1,
   *   model: 'gpt-4-turbo',
   *   promptTokens: 1000,
   *   completionTokens: 500,
   * })
   */
  record(input: RecordCostInput, options?: CallOptions): MgxPromise<RecordedCost>
  /**
   * Writes up to 1,000 costs, each for itself: one that is refused leaves the others alone.
   * @example
   * const { results } = await mgx.costs.recordMany({
   *   records: [{ projectId: 1, model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500 }],
   * })
   */
  recordMany(input: RecordManyInput, options?: CallOptions): MgxPromise<RecordManyOutput>
  /**
   * Writes the cost of one model call from the provider's response body: its model, its tokens and what else it was
   * charged for.
   * @example
   * const { record, budget } = await mgx.costs.recordUsage({
   *   projectId: 1,
   *   provider: 'openai',
   *   response: { model: 'gpt-4o', usage: { prompt_tokens: 1000, completion_tokens: 500 } },
   * })
   */
  recordUsage(input: RecordUsageInput, options?: CallOptions): MgxPromise<RecordedCost>
  /**
   * The cost records of a project, newest first.
   * @example
   * for await (const costRecord of mgx.costs.list({ projectId: 1 })) console.log(costRecord)
   */
  list(input: ListCostsInput, options?: CallOptions): PagePromise<CostRecord>
  /**
   * What the cost records of a project add up to.
   * @example
   * const { totalCost, records, promptTokens, completionTokens } = await mgx.costs.total({ projectId: 1 })
   */
  total(input: CostTotalInput, options?: CallOptions): MgxPromise<CostTotal>
  /**
   * The cost records of a project as they are committed, by whichever server: each once, in the order of their ids.
   * @example
   * for await (const { record, budget } of mgx.costs.watch({ projectId: 1, lastEventId: 0 })) console.log(record)
   */
  watch(input: WatchCostsInput, options?: StreamOptions): AsyncIterable<StreamEvent<WatchedCost>>
  /**
   * Brings the total of a project to a figure by a correcting entry, with a reason for the audit log.
   * @example
   * const { record, budget } = await mgx.costs.adjust({
   *   projectId: 1,
   *   totalCost: '2.5',
   *   reason: 'The provider gave money back',
   * })
   */
  adjust(input: AdjustCostInput, options?: CallOptions): MgxPromise<RecordedCost>
}

/** The methods under `mgx.budgets`. */
export interface BudgetsMethods {
  /**
   * The budget of a project: its limit, what is spent, held and left.
   * @example
   * const budget = await mgx.budgets.get({ projectId: 1 })
   */
  get(input: BudgetInput, options?: CallOptions): MgxPromise<Budget>
  /**
   * Holds an amount, or what a call may cost at most, if it fits in the budget and in the spending limit of the user.
   * @example
   * const { reservation, budget } = await mgx.budgets.reserve({ projectId: 1, amount: '0.05' })
   */
  reserve(input: ReserveInput, options?: CallOptions): MgxPromise<ReservationAndBudget>
  /**
   * Writes what the held call cost and frees the hold; after expiry or release the cost is written too.
   * @example
   * const { record, reservation, budget, overrun, late } = await mgx.budgets.settle({
   *   reservationId: 1,
   *   model: 'gpt-4-turbo',
   *   promptTokens: 1000,
   *   completionTokens: 500,
   * })
   */
  settle(input: SettleInput, options?: CallOptions): MgxPromise<SettledReservation>
  /**
   * Frees a hold: the call was not made.
   * @example
   * const { reservation, budget } = await mgx.budgets.release({ reservationId: 1 })
   */
  release(input: ReservationId, options?: CallOptions): MgxPromise<ReservationAndBudget>
  /**
   * Makes a hold expire that many seconds from now.
   * @example
   * const { reservation, budget } = await mgx.budgets.extend({ reservationId: 1, ttlSeconds: 600 })
   */
  extend(input: ExtendReservationInput, options?: CallOptions): MgxPromise<ReservationAndBudget>
}

/** The methods under `mgx.sessions`. */
export interface SessionsMethods {
  /**
   * Opens a session; its token is answered this once.
   * @example
   * const { session, token } = await mgx.sessions.create({ projectId: 1, ttlSeconds: 900 })
   */
  create(input?: CreateSessionInput, options?: CallOptions): MgxPromise<CreatedSession>
  /**
   * A session by id.
   * @example
   * const session = await mgx.sessions.get({ id: 1 })
   */
  get(input: SessionId, options?: CallOptions): MgxPromise<Session>
  /**
   * The sessions the caller may see, newest first.
   * @example
   * for await (const session of mgx.sessions.list()) console.log(session)
   */
  list(input?: ListSessionsInput, options?: CallOptions): PagePromise<Session>
  /**
   * The active session of a token; a closed or expired one is refused.
   * @example
   * const session = await mgx.sessions.verify({ token: 'mgx_ses_…' })
   */
  verify(input: SessionToken, options?: CallOptions): MgxPromise<Session>
  /**
   * Makes an active session expire that many seconds from now.
   * @example
   * const session = await mgx.sessions.extend({ id: 1, ttlSeconds: 3600 })
   */
  extend(input: ExtendSessionInput, options?: CallOptions): MgxPromise<Session>
  /**
   * Closes a session; one that has ended already stays as it is.
   * @example
   * const session = await mgx.sessions.close({ id: 1 })
   */
  close(input: SessionId, options?: CallOptions): MgxPromise<Session>
}

/** The methods under `mgx.prices`. */
export interface PricesMethods {
  /**
   * What a call would cost, and why: whose price it is, how much, and since when.
   * @example
   * const priceQuote = await mgx.prices.quote({ model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500 })
   */
  quote(input: QuotePriceInput, options?: CallOptions): MgxPromise<PriceQuote>
  /**
   * Our own prices, which go before the catalogue, newest first.
   * @example
   * for await (const priceOverride of mgx.prices.list()) console.log(priceOverride)
   */
  list(input?: ListPricesInput, options?: CallOptions): PagePromise<PriceOverride>
  /**
   * Sets our own price of a model for a time; without an end it takes over from the one before it. Records keep their
   * cost.
   * @example
   * const priceOverride = await mgx.prices.set({ model: 'my-own-model', inputPrice: '2.5', outputPrice: '10' })
   */
  set(input: SetPriceInput, options?: CallOptions): MgxPromise<PriceOverride>
}

/** The methods under `mgx.reports`. */
export interface ReportsMethods {
  /**
   * What was spent, by day, user, project, model and action in any combination, adjustments included; ascending.
   * @example
   * for await (const spend of mgx.reports.spend({ groupBy: ['day', 'model'] })) console.log(spend)
   */
  spend(input: SpendInput, options?: CallOptions): PagePromise<Spend>
  /**
   * What each project has cost, newest first, those without costs too.
   * @example
   * for await (const projectSpend of mgx.reports.projects()) console.log(projectSpend)
   */
  projects(input?: ReportInput, options?: CallOptions): PagePromise<ProjectSpend>
  /**
   * How many projects each user has and what they have cost, newest first.
   * @example
   * for await (const userSpend of mgx.reports.users()) console.log(userSpend)
   */
  users(input?: ReportInput, options?: CallOptions): PagePromise<UserSpend>
}

/** One method per procedure of the server. A failed call throws an `MgxError`. */
export interface MgxMethods {
  readonly system: SystemMethods
  readonly users: UsersMethods
  readonly apiKeys: ApiKeysMethods
  readonly projects: ProjectsMethods
  readonly costs: CostsMethods
  readonly budgets: BudgetsMethods
  readonly sessions: SessionsMethods
  readonly prices: PricesMethods
  readonly reports: ReportsMethods
}
