// Generated from the router of @mgx/api by `pnpm generate`; do not edit.

import type { ProcedureTraits } from '../procedure-traits.js'

/** Names the contract this client was made from: another one means that other things go over the wire. */
export const contractHash = 'ad79f2153047508f'

/** Every procedure, and what the runtime must know to call it. */
export const procedures: Readonly<Record<string, ProcedureTraits>> = {
  'system.health': { type: 'query', takesInput: false },
  'system.verify': { type: 'query', takesInput: false },
  'users.create': { type: 'mutation', takesInput: true },
  'users.get': { type: 'query', takesInput: true },
  'users.getByUsername': { type: 'query', takesInput: true },
  'users.me': { type: 'query', takesInput: false },
  'users.list': { type: 'query', takesInput: true },
  'users.update': { type: 'mutation', takesInput: true },
  'apiKeys.create': { type: 'mutation', takesInput: true },
  'apiKeys.list': { type: 'query', takesInput: true },
  'apiKeys.rotate': { type: 'mutation', takesInput: true },
  'apiKeys.revoke': { type: 'mutation', takesInput: true },
  'projects.create': { type: 'mutation', takesInput: true, idempotencyKey: 'input' },
  'projects.get': { type: 'query', takesInput: true },
  'projects.list': { type: 'query', takesInput: true },
  'projects.update': { type: 'mutation', takesInput: true },
  'projects.updateStatus': { type: 'mutation', takesInput: true },
  'costs.record': { type: 'mutation', takesInput: true, idempotencyKey: 'input' },
  'costs.recordMany': { type: 'mutation', takesInput: true, idempotencyKey: { each: 'records' } },
  'costs.recordUsage': { type: 'mutation', takesInput: true, idempotencyKey: 'input' },
  'costs.list': { type: 'query', takesInput: true },
  'costs.total': { type: 'query', takesInput: true },
  'costs.watch': { type: 'subscription', takesInput: true },
  'costs.adjust': { type: 'mutation', takesInput: true, idempotencyKey: 'input' },
  'budgets.get': { type: 'query', takesInput: true },
  'budgets.reserve': { type: 'mutation', takesInput: true, idempotencyKey: 'input' },
  'budgets.settle': { type: 'mutation', takesInput: true, idempotent: true },
  'budgets.release': { type: 'mutation', takesInput: true, idempotent: true },
  'budgets.extend': { type: 'mutation', takesInput: true, idempotent: true },
  'sessions.create': { type: 'mutation', takesInput: true },
  'sessions.get': { type: 'query', takesInput: true },
  'sessions.list': { type: 'query', takesInput: true },
  'sessions.verify': { type: 'query', takesInput: true },
  'sessions.extend': { type: 'mutation', takesInput: true },
  'sessions.close': { type: 'mutation', takesInput: true },
  'prices.quote': { type: 'query', takesInput: true },
  'prices.list': { type: 'query', takesInput: true },
  'prices.set': { type: 'mutation', takesInput: true },
  'reports.spend': { type: 'query', takesInput: true },
  'reports.projects': { type: 'query', takesInput: true },
  'reports.users': { type: 'query', takesInput: true },
}
