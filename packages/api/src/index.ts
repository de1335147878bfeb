export { argon2Proofs } from './authentication/argon2-proofs.js'
export type { Presented, PresentedClient } from './authentication/authenticate.js'
export { API_KEY_PATTERN, CHOSEN_KEY_HINT, isUsableKey } from './authentication/credential-format.js'
export type { KeyProofs, OidcTrust, Secrets } from './authentication/credential-parts.js'
export type { AdminAccess } from './authentication/ensure-admin.js'
export type { IdentityClaims } from './authentication/identity-claims.js'
export { isSafeAddress } from './authentication/issuer-keys.js'
export type { SignedIn } from './authentication/sign-in.js'
export type { SignInState } from './authentication/sign-in-state.js'
export { credentialName } from './authority/actor.js'
export { type Authority, authorityInWords } from './authority/authority.js'
export {
  type Context,
  createContext,
  createServices,
  type Limits,
  type Services,
  type ServicesOptions,
} from './context.js'
export {
  addIfRefused,
  type ErrorData,
  type ErrorShape,
  errorEnvelope,
  INTERNAL_MESSAGE,
  logAroundProcedures,
  nameRequest,
  reasonOf,
} from './errors.js'
export { contractHash } from './generated/contract-hash.js'
export type { AuthenticationFailure, ObservedCall, Observer } from './observer.js'
export { type Procedure, procedures } from './procedures.js'
export { responseHeaders } from './response-headers.js'
export { type AppRouter, appRouter } from './root.js'
