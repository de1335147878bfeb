export { createUserWithKey, ensureAdmin } from './accounts.js'
export { type Context, createContext, createServices, type Services } from './context.js'
export { type ErrorData, type ErrorShape, errorEnvelope } from './errors.js'
export { type AppRouter, appRouter } from './root.js'
