import { apiKeys } from './routers/api-keys.js'
import { audit } from './routers/audit.js'
import { budgets } from './routers/budgets.js'
import { costs } from './routers/costs.js'
import { identities } from './routers/identities.js'
import { prices } from './routers/prices.js'
import { projects } from './routers/projects.js'
import { reports } from './routers/reports.js'
import { sessions } from './routers/sessions.js'
import { system } from './routers/system.js'
import { users } from './routers/users.js'
import { router } from './trpc.js'

/** The router of all procedures. */
export const appRouter = router({
  system,
  users,
  apiKeys,
  identities,
  projects,
  costs,
  budgets,
  sessions,
  prices,
  reports,
  audit,
})
export type AppRouter = typeof appRouter
