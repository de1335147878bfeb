// Generated from the router of @mgx/api by `pnpm generate`; do not edit.

import type { CallOptions, StreamOptions } from '../call-options.js'
import type { MgxPromise, PagePromise } from '../mgx-promise.js'
import type { StreamEvent } from '../stream-event.js'
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
  /** Whether the server answers, which version it is and on which database it runs. */
  health(options?: CallOptions): MgxPromise<Health>
  /** Adds everything up again and lists what does not agree, the first 100 drifts; corrects nothing. */
  verify(options?: CallOptions): MgxPromise<Verification>
}

/** The methods under `mgx.users`. */
export interface UsersMethods {
  /** Makes a user and their first API key, which is answered this once. */
  create(input: CreateUserInput, options?: CallOptions): MgxPromise<CreatedUser>
  /** A user by id. */
  get(input: UserId, options?: CallOptions): MgxPromise<User>
  /** A user by username, whatever its case. */
  getByUsername(input: Username, options?: CallOptions): MgxPromise<User>
  /** The user who calls. */
  me(options?: CallOptions): MgxPromise<User>
  /** All users, newest first. */
  list(input?: ListUsersInput, options?: CallOptions): PagePromise<User>
  /** Changes the fields that are given; role and spending limit are for admins. */
  update(input: UpdateUserInput, options?: CallOptions): MgxPromise<User>
}

/** The methods under `mgx.apiKeys`. */
export interface ApiKeysMethods {
  /** Makes an API key, which is answered this once. */
  create(input: CreateApiKeyInput, options?: CallOptions): MgxPromise<CreatedApiKey>
  /** The API keys of a user, newest first; never the keys themselves. */
  list(input?: ListApiKeysInput, options?: CallOptions): PagePromise<ApiKey>
  /** Revokes an API key and makes one like it, which is answered this once. */
  rotate(input: ApiKeyId, options?: CallOptions): MgxPromise<CreatedApiKey>
  /** Ends an API key, everywhere within 5 seconds. */
  revoke(input: ApiKeyId, options?: CallOptions): MgxPromise<ApiKey>
}

/** The methods under `mgx.projects`. */
export interface ProjectsMethods {
  /** Starts a project: an idea and an investment, pending until it runs. */
  create(input: CreateProjectInput, options?: CallOptions): MgxPromise<Project>
  /** A project by id. */
  get(input: ProjectId, options?: CallOptions): MgxPromise<Project>
  /** The projects the caller may see, newest first. */
  list(input?: ListProjectsInput, options?: CallOptions): PagePromise<Project>
  /** Changes the fields that are given; the investment never below what is spent and reserved. */
  update(input: UpdateProjectInput, options?: CallOptions): MgxPromise<Project>
  /** Moves a project on: pending to running or failed, running to completed or failed. */
  updateStatus(input: UpdateProjectStatusInput, options?: CallOptions): MgxPromise<Project>
}

/** The methods under `mgx.costs`. */
export interface CostsMethods {
  /**
   * Writes the cost of one model call, also past the budget: the money is gone already. Without totalCost the call is
   * priced here.
   */
  record(input: RecordCostInput, options?: CallOptions): MgxPromise<RecordedCost>
  /** Writes up to 1,000 costs, each for itself: one that is refused leaves the others alone. */
  recordMany(input: RecordManyInput, options?: CallOptions): MgxPromise<RecordManyOutput>
  /**
   * Writes the cost of one model call from the provider's response body: its model, its tokens and what else it was
   * charged for.
   */
  recordUsage(input: RecordUsageInput, options?: CallOptions): MgxPromise<RecordedCost>
  /** The cost records of a project, newest first. */
  list(input: ListCostsInput, options?: CallOptions): PagePromise<CostRecord>
  /** What the cost records of a project add up to. */
  total(input: CostTotalInput, options?: CallOptions): MgxPromise<CostTotal>
  /** The cost records of a project as they are committed, by whichever server: each once, in the order of their ids. */
  watch(input: WatchCostsInput, options?: StreamOptions): AsyncIterable<StreamEvent<WatchedCost>>
  /** Brings the total of a project to a figure by a correcting entry, with a reason for the audit log. */
  adjust(input: AdjustCostInput, options?: CallOptions): MgxPromise<RecordedCost>
}

/** The methods under `mgx.budgets`. */
export interface BudgetsMethods {
  /** The budget of a project: its limit, what is spent, held and left. */
  get(input: BudgetInput, options?: CallOptions): MgxPromise<Budget>
  /**
   * Holds an amount, or what a call may cost at most, if it fits in the budget and in the spending limit of the user.
   */
  reserve(input: ReserveInput, options?: CallOptions): MgxPromise<ReservationAndBudget>
  /** Writes what the held call cost and frees the hold; after expiry or release the cost is written too. */
  settle(input: SettleInput, options?: CallOptions): MgxPromise<SettledReservation>
  /** Frees a hold: the call was not made. */
  release(input: ReservationId, options?: CallOptions): MgxPromise<ReservationAndBudget>
  /** Makes a hold expire that many seconds from now. */
  extend(input: ExtendReservationInput, options?: CallOptions): MgxPromise<ReservationAndBudget>
}

/** The methods under `mgx.sessions`. */
export interface SessionsMethods {
  /** Opens a session; its token is answered this once. */
  create(input?: CreateSessionInput, options?: CallOptions): MgxPromise<CreatedSession>
  /** A session by id. */
  get(input: SessionId, options?: CallOptions): MgxPromise<Session>
  /** The sessions the caller may see, newest first. */
  list(input?: ListSessionsInput, options?: CallOptions): PagePromise<Session>
  /** The active session of a token; a closed or expired one is refused. */
  verify(input: SessionToken, options?: CallOptions): MgxPromise<Session>
  /** Makes an active session expire that many seconds from now. */
  extend(input: ExtendSessionInput, options?: CallOptions): MgxPromise<Session>
  /** Closes a session; one that has ended already stays as it is. */
  close(input: SessionId, options?: CallOptions): MgxPromise<Session>
}

/** The methods under `mgx.prices`. */
export interface PricesMethods {
  /** What a call would cost, and why: whose price it is, how much, and since when. */
  quote(input: QuotePriceInput, options?: CallOptions): MgxPromise<PriceQuote>
  /** Our own prices, which go before the catalogue, newest first. */
  list(input?: ListPricesInput, options?: CallOptions): PagePromise<PriceOverride>
  /**
   * Sets our own price of a model for a time; without an end it takes over from the one before it. Records keep their
   * cost.
   */
  set(input: SetPriceInput, options?: CallOptions): MgxPromise<PriceOverride>
}

/** The methods under `mgx.reports`. */
export interface ReportsMethods {
  /** What was spent, by day, user, project, model and action in any combination, adjustments included; ascending. */
  spend(input: SpendInput, options?: CallOptions): PagePromise<Spend>
  /** What each project has cost, newest first, those without costs too. */
  projects(input?: ReportInput, options?: CallOptions): PagePromise<ProjectSpend>
  /** How many projects each user has and what they have cost, newest first. */
  users(input?: ReportInput, options?: CallOptions): PagePromise<UserSpend>
}

/** A method for every procedure of the server. All throw an `MgxError`. */
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
