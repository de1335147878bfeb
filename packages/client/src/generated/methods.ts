// Generated from the contract of @mgx/api by `npm run generate`; do not edit.

import type { CallOptions, StreamOptions } from '../options.js'
import type { MgxPromise, PagePromise } from '../transport/mgx-promise.js'
import type { StreamEvent } from '../transport/stream.js'
import type {
  ApiKey,
  AuditEntry,
  Books,
  Budget,
  CostRecord,
  CostTimeline,
  CostTotal,
  CreatedApiKey,
  CreatedSession,
  CreatedUser,
  FailedSignIns,
  Health,
  Identity,
  Overview,
  PriceOverride,
  PriceQuote,
  PricedModel,
  Project,
  ProjectCounts,
  ProjectSpend,
  RecordManyOutput,
  RecordedCost,
  RepriceOutput,
  Reservation,
  ReservationAndBudget,
  Session,
  SettledReservation,
  Spend,
  UnknownModel,
  User,
  UserSpend,
  Verification,
  WatchedCost,
} from './entities.js'
import type {
  AdjustCostInput,
  ApiKeyId,
  BudgetInput,
  CostId,
  CostTimelineInput,
  CostTotalInput,
  CountProjectsInput,
  CreateApiKeyInput,
  CreateIdentityInput,
  CreateProjectInput,
  CreateSessionInput,
  CreateUserInput,
  ExtendReservationInput,
  ExtendSessionInput,
  IdentityId,
  ListApiKeysInput,
  ListAuditInput,
  ListCostsInput,
  ListFailedSignInsInput,
  ListIdentitiesInput,
  ListPricedModelsInput,
  ListPricesInput,
  ListProjectsInput,
  ListReservationsInput,
  ListSessionsInput,
  ListUnknownModelsInput,
  ListUsersInput,
  ProjectId,
  QuotePriceInput,
  RecordCostInput,
  RecordManyInput,
  RecordUsageInput,
  ReportInput,
  RepriceInput,
  ReservationId,
  ReserveInput,
  RotateApiKeyInput,
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
   * Returns the status and version of the server, and the dialect of its database.
   * @example
   * const { status, version, dialect } = await mgx.system.health()
   */
  health(options?: CallOptions): MgxPromise<Health>
  /**
   * Recomputes all totals and lists up to 100 that do not match; corrects nothing.
   * @example
   * const { ok, verifiedAt, checked, drifts, hasMore } = await mgx.system.verify()
   */
  verify(options?: CallOptions): MgxPromise<Verification>
  /**
   * Returns the state of the ledger and of its database: what the last verification found, the open holds by age, the
   * migrations, and the versions.
   * @example
   * const { verification, openHolds, migrations, versions } = await mgx.system.books()
   */
  books(options?: CallOptions): MgxPromise<Books>
}

/** The methods under `mgx.users`. */
export interface UsersMethods {
  /**
   * Creates a user and their first API key. The key itself is returned only here.
   * @example
   * const { user, apiKey } = await mgx.users.create({ username: 'ada', email: 'ada@example.com' })
   */
  create(input: CreateUserInput, options?: CallOptions): MgxPromise<CreatedUser>
  /**
   * Returns a user by id.
   * @example
   * const user = await mgx.users.get({ id: 1 })
   */
  get(input: UserId, options?: CallOptions): MgxPromise<User>
  /**
   * Returns a user by username, ignoring case.
   * @example
   * const user = await mgx.users.getByUsername({ username: 'ada' })
   */
  getByUsername(input: Username, options?: CallOptions): MgxPromise<User>
  /**
   * Returns the calling user.
   * @example
   * const user = await mgx.users.me()
   */
  me(options?: CallOptions): MgxPromise<User>
  /**
   * Lists all users, newest first.
   * @example
   * for await (const user of mgx.users.list()) console.log(user)
   */
  list(input?: ListUsersInput, options?: CallOptions): PagePromise<User>
  /**
   * Updates the given fields of a user. Only an admin may change the role and the spending limit.
   * @example
   * const user = await mgx.users.update({ id: 1, spendingLimit: '100' })
   */
  update(input: UpdateUserInput, options?: CallOptions): MgxPromise<User>
  /**
   * Deactivates a user: makes the user's keys, sessions and tokens invalid, on every server within 5 seconds. The
   * projects stay as they are.
   * @example
   * const user = await mgx.users.deactivate({ id: 1 })
   */
  deactivate(input: UserId, options?: CallOptions): MgxPromise<User>
  /**
   * Reactivates a deactivated user: the user's credentials that have not ended are valid again.
   * @example
   * const user = await mgx.users.reactivate({ id: 1 })
   */
  reactivate(input: UserId, options?: CallOptions): MgxPromise<User>
}

/** The methods under `mgx.apiKeys`. */
export interface ApiKeysMethods {
  /**
   * Creates an API key. The key itself is returned only here.
   * @example
   * const { apiKey, key } = await mgx.apiKeys.create({ name: 'night runs' })
   */
  create(input: CreateApiKeyInput, options?: CallOptions): MgxPromise<CreatedApiKey>
  /**
   * Lists the API keys of a user, newest first, without the keys themselves.
   * @example
   * for await (const apiKey of mgx.apiKeys.list()) console.log(apiKey)
   */
  list(input?: ListApiKeysInput, options?: CallOptions): PagePromise<ApiKey>
  /**
   * Creates an API key that replaces another one; both are valid for `overlapSeconds`. The new key itself is returned
   * only here.
   * @example
   * const { apiKey, key } = await mgx.apiKeys.rotate({ id: 2, overlapSeconds: 3600 })
   */
  rotate(input: RotateApiKeyInput, options?: CallOptions): MgxPromise<CreatedApiKey>
  /**
   * Revokes an API key, on every server within 5 seconds. The last usable key of the admins cannot be revoked.
   * @example
   * const apiKey = await mgx.apiKeys.revoke({ id: 2 })
   */
  revoke(input: ApiKeyId, options?: CallOptions): MgxPromise<ApiKey>
}

/** The methods under `mgx.identities`. */
export interface IdentitiesMethods {
  /**
   * Links an account of the configured OIDC issuer to a user, as whom the account's tokens then call.
   * @example
   * const { id, userId, issuer, subject, createdAt } = await mgx.identities.create({
   *   userId: 2,
   *   issuer: 'https://login.example.com',
   *   subject: 'ada',
   * })
   */
  create(input: CreateIdentityInput, options?: CallOptions): MgxPromise<Identity>
  /**
   * Lists the accounts of OIDC issuers that are linked to a user, newest first.
   * @example
   * for await (const identity of mgx.identities.list()) console.log(identity)
   */
  list(input?: ListIdentitiesInput, options?: CallOptions): PagePromise<Identity>
  /**
   * Unlinks an account from its user. Its tokens and sessions end, on every server within 5 seconds.
   * @example
   * const { id, userId, issuer, subject, createdAt } = await mgx.identities.remove({ id: 1 })
   */
  remove(input: IdentityId, options?: CallOptions): MgxPromise<Identity>
}

/** The methods under `mgx.projects`. */
export interface ProjectsMethods {
  /**
   * Creates a project with an idea and an investment. It is pending until it runs.
   * @example
   * const project = await mgx.projects.create({ name: 'Snake', idea: 'A snake game in the terminal' })
   */
  create(input: CreateProjectInput, options?: CallOptions): MgxPromise<Project>
  /**
   * Returns a project by id.
   * @example
   * const project = await mgx.projects.get({ id: 1 })
   */
  get(input: ProjectId, options?: CallOptions): MgxPromise<Project>
  /**
   * Lists the projects the caller may see, newest first.
   * @example
   * for await (const project of mgx.projects.list()) console.log(project)
   */
  list(input?: ListProjectsInput, options?: CallOptions): PagePromise<Project>
  /**
   * Returns how many of the projects that the caller may see have each status.
   * @example
   * const { pending, running, completed, failed } = await mgx.projects.count()
   */
  count(input?: CountProjectsInput, options?: CallOptions): MgxPromise<ProjectCounts>
  /**
   * Updates the given fields of a project. The investment cannot go below what is spent and reserved.
   * @example
   * const project = await mgx.projects.update({ id: 1, investment: '5' })
   */
  update(input: UpdateProjectInput, options?: CallOptions): MgxPromise<Project>
  /**
   * Changes the status of a project: pending to running or failed, running to completed or failed.
   * @example
   * const project = await mgx.projects.updateStatus({ id: 1, status: 'running' })
   */
  updateStatus(input: UpdateProjectStatusInput, options?: CallOptions): MgxPromise<Project>
}

/** The methods under `mgx.costs`. */
export interface CostsMethods {
  /**
   * Records the cost of one model call, even past the budget, because the money is already spent. Without totalCost,
   * the server prices the call.
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
   * Records up to 1,000 costs, each independently: a refused one does not affect the others.
   * @example
   * const { results } = await mgx.costs.recordMany({
   *   records: [{ projectId: 1, model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500 }],
   * })
   */
  recordMany(input: RecordManyInput, options?: CallOptions): MgxPromise<RecordManyOutput>
  /**
   * Records the cost of one model call from the provider's response body or usage object: its model, its tokens and
   * anything else that was charged.
   * @example
   * const { record, budget } = await mgx.costs.recordUsage({
   *   projectId: 1,
   *   provider: 'openai',
   *   response: { model: 'gpt-4o', usage: { prompt_tokens: 1000, completion_tokens: 500 } },
   * })
   */
  recordUsage(input: RecordUsageInput, options?: CallOptions): MgxPromise<RecordedCost>
  /**
   * Returns a cost record by id.
   * @example
   * const costRecord = await mgx.costs.get({ id: 1 })
   */
  get(input: CostId, options?: CallOptions): MgxPromise<CostRecord>
  /**
   * Lists the cost records of a project, newest first.
   * @example
   * for await (const costRecord of mgx.costs.list({ projectId: 1 })) console.log(costRecord)
   */
  list(input: ListCostsInput, options?: CallOptions): PagePromise<CostRecord>
  /**
   * Returns the totals of the cost records of a project.
   * @example
   * const { totalCost, records, promptTokens, completionTokens } = await mgx.costs.total({ projectId: 1 })
   */
  total(input: CostTotalInput, options?: CallOptions): MgxPromise<CostTotal>
  /**
   * Returns what a project spent over time, for a chart: its total at some points of its run.
   * @example
   * const { points } = await mgx.costs.timeline({ projectId: 1 })
   */
  timeline(input: CostTimelineInput, options?: CallOptions): MgxPromise<CostTimeline>
  /**
   * Streams the cost records of a project as any server commits them: each exactly once, in the order of their ids.
   * @example
   * for await (const { record, budget } of mgx.costs.watch({ projectId: 1, lastEventId: 0 })) console.log(record)
   */
  watch(input: WatchCostsInput, options?: StreamOptions): AsyncIterable<StreamEvent<WatchedCost>>
  /**
   * Sets the total cost of a project by adding an adjustment, with a reason for the audit log.
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
   * Returns the budget of a project: its limit, and the amounts spent, reserved and remaining.
   * @example
   * const budget = await mgx.budgets.get({ projectId: 1 })
   */
  get(input: BudgetInput, options?: CallOptions): MgxPromise<Budget>
  /**
   * Lists the reservations of a project, open and ended ones, newest first.
   * @example
   * for await (const reservation of mgx.budgets.reservations({ projectId: 1 })) console.log(reservation)
   */
  reservations(input: ListReservationsInput, options?: CallOptions): PagePromise<Reservation>
  /**
   * Reserves an amount, or the most a call may cost, if it fits in the budget and in the spending limit of the user.
   * @example
   * const { reservation, budget } = await mgx.budgets.reserve({ projectId: 1, amount: '0.05' })
   */
  reserve(input: ReserveInput, options?: CallOptions): MgxPromise<ReservationAndBudget>
  /**
   * Settles a hold with the cost of its call: tokens, the provider's response body, or its usage object. The cost is
   * recorded even if the hold has expired or been released.
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
   * Releases a hold whose call was not made.
   * @example
   * const { reservation, budget } = await mgx.budgets.release({ reservationId: 1 })
   */
  release(input: ReservationId, options?: CallOptions): MgxPromise<ReservationAndBudget>
  /**
   * Sets a hold to expire a number of seconds from now.
   * @example
   * const { reservation, budget } = await mgx.budgets.extend({ reservationId: 1, ttlSeconds: 600 })
   */
  extend(input: ExtendReservationInput, options?: CallOptions): MgxPromise<ReservationAndBudget>
}

/** The methods under `mgx.sessions`. */
export interface SessionsMethods {
  /**
   * Creates a session. Its token is returned only here.
   * @example
   * const { session, token } = await mgx.sessions.create({ projectId: 1, ttlSeconds: 900 })
   */
  create(input?: CreateSessionInput, options?: CallOptions): MgxPromise<CreatedSession>
  /**
   * Returns a session by id.
   * @example
   * const session = await mgx.sessions.get({ id: 1 })
   */
  get(input: SessionId, options?: CallOptions): MgxPromise<Session>
  /**
   * Lists the sessions the caller may see, newest first.
   * @example
   * for await (const session of mgx.sessions.list()) console.log(session)
   */
  list(input?: ListSessionsInput, options?: CallOptions): PagePromise<Session>
  /**
   * Returns the active session of a token; rejects a closed or expired one.
   * @example
   * const session = await mgx.sessions.verify({ token: 'mgx_ses_…' })
   */
  verify(input: SessionToken, options?: CallOptions): MgxPromise<Session>
  /**
   * Sets an active session to expire a number of seconds from now.
   * @example
   * const session = await mgx.sessions.extend({ id: 1, ttlSeconds: 3600 })
   */
  extend(input: ExtendSessionInput, options?: CallOptions): MgxPromise<Session>
  /**
   * Closes a session; one that has already ended stays unchanged.
   * @example
   * const session = await mgx.sessions.close({ id: 1 })
   */
  close(input: SessionId, options?: CallOptions): MgxPromise<Session>
}

/** The methods under `mgx.prices`. */
export interface PricesMethods {
  /**
   * Returns what a call would cost, and why: the breakdown, the rule that matched the model name, and the period of its
   * price.
   * @example
   * const priceQuote = await mgx.prices.quote({ model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500 })
   */
  quote(input: QuotePriceInput, options?: CallOptions): MgxPromise<PriceQuote>
  /**
   * Lists the price overrides, newest first. An override takes precedence over the catalogue for its model and its
   * other names.
   * @example
   * for await (const priceOverride of mgx.prices.list()) console.log(priceOverride)
   */
  list(input?: ListPricesInput, options?: CallOptions): PagePromise<PriceOverride>
  /**
   * Lists the models of the catalogue with their current prices, by name and provider, each with the override that is
   * in force beside the catalogue's price.
   * @example
   * for await (const pricedModel of mgx.prices.models()) console.log(pricedModel)
   */
  models(input?: ListPricedModelsInput, options?: CallOptions): PagePromise<PricedModel>
  /**
   * Lists models for which calls were recently refused because they have no price. Setting a price takes a model off
   * the list.
   * @example
   * for await (const unknownModel of mgx.prices.unknown()) console.log(unknownModel)
   */
  unknown(input?: ListUnknownModelsInput, options?: CallOptions): PagePromise<UnknownModel>
  /**
   * Compares cost records with the prices that were in force when they were written, including prices that were entered
   * later, and writes an adjustment for each record that differs. Returns one page of them. Repeating the call writes
   * nothing more.
   * @example
   * const { items, difference, nextCursor } = await mgx.prices.reprice({ from: '2026-11-01T00:00:00Z' })
   */
  reprice(input: RepriceInput, options?: CallOptions): MgxPromise<RepriceOutput>
  /**
   * Sets a price override for a model, its aliases and a pattern of further names, for a period. Without an end, it
   * ends the previous open override of the model. A name can belong to only one model at a time. Cost records keep
   * their cost.
   * @example
   * const priceOverride = await mgx.prices.set({ model: 'my-own-model', inputPrice: '2.5', outputPrice: '10' })
   */
  set(input: SetPriceInput, options?: CallOptions): MgxPromise<PriceOverride>
}

/** The methods under `mgx.reports`. */
export interface ReportsMethods {
  /**
   * Returns what was spent, by day, user, project, model and action type in any combination, ascending. Adjustments are
   * included.
   * @example
   * for await (const spend of mgx.reports.spend({ groupBy: ['day', 'model'] })) console.log(spend)
   */
  spend(input: SpendInput, options?: CallOptions): PagePromise<Spend>
  /**
   * Returns the total cost of each project, newest first, including projects without costs.
   * @example
   * for await (const projectSpend of mgx.reports.projects()) console.log(projectSpend)
   */
  projects(input?: ReportInput, options?: CallOptions): PagePromise<ProjectSpend>
  /**
   * Returns the number of projects and the total cost of each user, newest first.
   * @example
   * for await (const userSpend of mgx.reports.users()) console.log(userSpend)
   */
  users(input?: ReportInput, options?: CallOptions): PagePromise<UserSpend>
  /**
   * Returns what the caller may see at a glance: spend today and within 7 and 30 UTC days against the days before,
   * projects by status, budgets that are nearly used up, and, for an admin, the last verification.
   * @example
   * const { spend, projects, budgetsAtRisk, verification } = await mgx.reports.overview()
   */
  overview(options?: CallOptions): MgxPromise<Overview>
}

/** The methods under `mgx.audit`. */
export interface AuditMethods {
  /**
   * Lists who changed what, newest first: for an admin all changes, for a member those that concern the member, whoever
   * made them. Cost records and reservations are not listed: they are their own record.
   * @example
   * for await (const auditEntry of mgx.audit.list()) console.log(auditEntry)
   */
  list(input?: ListAuditInput, options?: CallOptions): PagePromise<AuditEntry>
  /**
   * Lists how many wrong credentials came from each network address within each hour, newest hour first, of the last 90
   * days. A count is written within seconds.
   * @example
   * for await (const failedSignIns of mgx.audit.failedSignIns()) console.log(failedSignIns)
   */
  failedSignIns(input?: ListFailedSignInsInput, options?: CallOptions): PagePromise<FailedSignIns>
}

/** One method per procedure of the server. A failed call throws an `MgxError`. */
export interface MgxMethods {
  readonly system: SystemMethods
  readonly users: UsersMethods
  readonly apiKeys: ApiKeysMethods
  readonly identities: IdentitiesMethods
  readonly projects: ProjectsMethods
  readonly costs: CostsMethods
  readonly budgets: BudgetsMethods
  readonly sessions: SessionsMethods
  readonly prices: PricesMethods
  readonly reports: ReportsMethods
  readonly audit: AuditMethods
}
