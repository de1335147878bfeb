export { createMgxClient, type MgxClient } from './client.js'
export { type ClientCredentialsOptions, clientCredentials } from './client-credentials.js'
export * from './errors.js'
export { contractHash } from './generated/contract-hash.js'
export type * from './generated/entities.js'
export type * from './generated/inputs.js'
export type * from './generated/methods.js'
export type { Reason } from './generated/reasons.js'
export type { AnsweredRequest, Hooks, MgxLogger, MgxRequest, MgxResponse } from './hooks.js'
export type {
  ApiKeySource,
  CallOptions,
  CallSignal,
  FetchedResponse,
  FetchLike,
  MgxClientOptions,
  StreamOptions,
  TryOptions,
} from './options.js'
export { CostManager, type CostManagerOptions, type CostUpdate, type ManagedHoldOptions } from './runs/cost-manager.js'
export type { Guarded, GuardedWork, GuardMethods, GuardReport } from './runs/guard.js'
export type { CallUsage, Estimate, GuardOptions, Hold, HoldMethods } from './runs/hold.js'
export { type ProjectRun, type RunProjectInput, runProject } from './runs/run-project.js'
export type { MgxPromise, PagePromise, WithResponse } from './transport/mgx-promise.js'
export type { StreamEvent } from './transport/stream.js'
export { type Usd, type UsdAmount, usd } from './usd.js'
