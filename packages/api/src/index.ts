export { argon2Proofs } from './authentication/argon2-proofs.js'
export { CHOSEN_KEY_HINT, isUsableKey } from './authentication/credential-format.js'
export type { KeyProofs } from './authentication/credential-parts.js'
export type { AdminAccess } from './authentication/issue.js'
export { type Authority, authorityInWords } from './authority/authority.js'
export { type Context, createContext, createServices, type Services, type ServicesOptions } from './context.js'
export {
  type ErrorData,
  type ErrorShape,
  errorEnvelope,
  INTERNAL_MESSAGE,
  logAroundProcedures,
  nameRequest,
} from './errors.js'
export { contractHash } from './generated/contract-hash.js'
export { type Procedure, procedures } from './procedures.js'
export { responseHeaders } from './response-headers.js'
export { type AppRouter, appRouter } from './root.js'
