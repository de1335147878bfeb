import type { Procedure } from '../procedure.js'
import { apiKeys } from './api-keys.js'
import { budgets } from './budgets.js'
import { costs } from './costs.js'
import { prices } from './prices.js'
import { projects } from './projects.js'
import { reports } from './reports.js'
import { sessions } from './sessions.js'
import { system } from './system.js'
import { users } from './users.js'

const namespaces: Record<string, Record<string, Procedure>> = {
  system,
  users,
  apiKeys,
  projects,
  costs,
  budgets,
  sessions,
  prices,
  reports,
}

/** The procedure at a path, if a server in memory does it. */
export function procedureAt(path: string): Procedure | undefined {
  const [namespace = '', name = ''] = path.split('.')
  return namespaces[namespace]?.[name]
}
