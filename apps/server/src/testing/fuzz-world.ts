import { randomBytes } from 'node:crypto'
import { SYSTEM } from '@mgx/db'
import { calls } from './every-procedure.js'
import type { TestServer } from './test-server.js'

const SAMPLES = new Set([
  'users.create',
  'apiKeys.create',
  'projects.create',
  'costs.record',
  'budgets.reserve',
  'sessions.create',
])

/** Calls that create a row of most kinds, which random inputs may then name. */
export const samples = calls.filter(([procedure]) => SAMPLES.has(procedure))

/** Creates a new admin and returns its API key, because random calls may take rights and keys away. */
export async function freshAdmin({ services }: TestServer): Promise<string> {
  const apiKey = randomBytes(24).toString('hex')
  const username = `admin-${apiKey}`
  const user = { username, email: `${username}@example.com`, role: 'admin', spendingLimit: null } as const
  await services.credentials.createUser({ ...user, apiKey }, { requester: SYSTEM })
  return apiKey
}
