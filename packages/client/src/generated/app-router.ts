// Generated from the contract of @mgx/api by `npm run generate`; do not edit.

import type {
  TRPC_ERROR_CODE_KEY,
  TRPC_ERROR_CODE_NUMBER,
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server'
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
  Page,
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
import type { Reason } from './reasons.js'

type Query<Input, Output> = TRPCQueryProcedure<{ meta: unknown; input: Input; output: Output }>
type Mutation<Input, Output> = TRPCMutationProcedure<{ meta: unknown; input: Input; output: Output }>
type Events<Data> = AsyncIterable<{ id: string; data: Data }, void, unknown>
type Subscription<Input, Output> = TRPCSubscriptionProcedure<{ meta: unknown; input: Input; output: Events<Output> }>

/** An error as the server sends it. */
export interface AppErrorShape {
  message: string
  code: TRPC_ERROR_CODE_NUMBER
  data: {
    code: TRPC_ERROR_CODE_KEY
    httpStatus: number
    /** The procedure; null when the request did not name one. */
    path: string | null
    reason: Reason
    /** Identifies the call in the server's log. */
    requestId: string | null
    /** Machine-readable facts about the failure; which ones depends on the reason. */
    details?: Record<string, unknown>
  }
}

/** The type of the server's router, for use with a tRPC client. It contains no server code, and its context is empty. */
export type AppRouter = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: AppErrorShape; transformer: false },
  {
    system: {
      health: Query<Record<string, never> | undefined, Health>
      verify: Query<Record<string, never> | undefined, Verification>
      books: Query<Record<string, never> | undefined, Books>
    }
    users: {
      create: Mutation<CreateUserInput, CreatedUser>
      get: Query<UserId, User>
      getByUsername: Query<Username, User>
      me: Query<Record<string, never> | undefined, User>
      list: Query<ListUsersInput | undefined, Page<User>>
      update: Mutation<UpdateUserInput, User>
      deactivate: Mutation<UserId, User>
      reactivate: Mutation<UserId, User>
    }
    apiKeys: {
      create: Mutation<CreateApiKeyInput, CreatedApiKey>
      list: Query<ListApiKeysInput | undefined, Page<ApiKey>>
      rotate: Mutation<RotateApiKeyInput, CreatedApiKey>
      revoke: Mutation<ApiKeyId, ApiKey>
    }
    identities: {
      create: Mutation<CreateIdentityInput, Identity>
      list: Query<ListIdentitiesInput | undefined, Page<Identity>>
      remove: Mutation<IdentityId, Identity>
    }
    projects: {
      create: Mutation<CreateProjectInput, Project>
      get: Query<ProjectId, Project>
      list: Query<ListProjectsInput | undefined, Page<Project>>
      count: Query<CountProjectsInput | undefined, ProjectCounts>
      update: Mutation<UpdateProjectInput, Project>
      updateStatus: Mutation<UpdateProjectStatusInput, Project>
    }
    costs: {
      record: Mutation<RecordCostInput, RecordedCost>
      recordMany: Mutation<RecordManyInput, RecordManyOutput>
      recordUsage: Mutation<RecordUsageInput, RecordedCost>
      get: Query<CostId, CostRecord>
      list: Query<ListCostsInput, Page<CostRecord>>
      total: Query<CostTotalInput, CostTotal>
      timeline: Query<CostTimelineInput, CostTimeline>
      watch: Subscription<WatchCostsInput, WatchedCost>
      adjust: Mutation<AdjustCostInput, RecordedCost>
    }
    budgets: {
      get: Query<BudgetInput, Budget>
      reservations: Query<ListReservationsInput, Page<Reservation>>
      reserve: Mutation<ReserveInput, ReservationAndBudget>
      settle: Mutation<SettleInput, SettledReservation>
      release: Mutation<ReservationId, ReservationAndBudget>
      extend: Mutation<ExtendReservationInput, ReservationAndBudget>
    }
    sessions: {
      create: Mutation<CreateSessionInput | undefined, CreatedSession>
      get: Query<SessionId, Session>
      list: Query<ListSessionsInput | undefined, Page<Session>>
      verify: Query<SessionToken, Session>
      extend: Mutation<ExtendSessionInput, Session>
      close: Mutation<SessionId, Session>
    }
    prices: {
      quote: Query<QuotePriceInput, PriceQuote>
      list: Query<ListPricesInput | undefined, Page<PriceOverride>>
      models: Query<ListPricedModelsInput | undefined, Page<PricedModel>>
      unknown: Query<ListUnknownModelsInput | undefined, Page<UnknownModel>>
      reprice: Mutation<RepriceInput, RepriceOutput>
      set: Mutation<SetPriceInput, PriceOverride>
    }
    reports: {
      spend: Query<SpendInput, Page<Spend>>
      projects: Query<ReportInput | undefined, Page<ProjectSpend>>
      users: Query<ReportInput | undefined, Page<UserSpend>>
      overview: Query<Record<string, never> | undefined, Overview>
    }
    audit: {
      list: Query<ListAuditInput | undefined, Page<AuditEntry>>
      failedSignIns: Query<ListFailedSignInsInput | undefined, Page<FailedSignIns>>
    }
  }
>
