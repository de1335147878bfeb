import { apiKeys } from './routers/api-keys.js'
import { budgets } from './routers/budgets.js'
import { costs } from './routers/costs.js'
import { prices } from './routers/prices.js'
import { projects } from './routers/projects.js'
import { reports } from './routers/reports.js'
import { sessions } from './routers/sessions.js'
import { system } from './routers/system.js'
import { users } from './routers/users.js'
import { router } from './trpc.js'

/** The router of all procedures. */
export const appRouter = router({ system, users, apiKeys, projects, costs, budgets, sessions, prices, reports })
export type AppRouter = typeof appRouter
