export { createUserWithKey, ensureAdmin } from './authentication/issue.js'
export { type Context, createContext, createServices, type Services } from './context.js'
export { type ErrorData, type ErrorShape, errorEnvelope, INTERNAL_MESSAGE } from './errors.js'
export { type AppRouter, appRouter } from './root.js'
