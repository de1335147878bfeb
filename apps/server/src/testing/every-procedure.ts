import type { Answers } from './differential.js'

/** Chosen instead of random, so that two servers have the same key. */
export const MEMBER_KEY = 'the-key-of-a-member'

const usage = { model: 'gpt-4o', promptTokens: 1_000, completionTokens: 500, actionType: 'WritePRD' }
const cost = { projectId: 1, ...usage, totalCost: '0.01' }
const response = { model: 'gpt-4o', usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }

/**
 * One call of each procedure except subscriptions, which an admin can make on a new database in this order; some use the
 * responses of earlier ones.
 */
export const calls: [procedure: string, input: unknown][] = [
  ['system.health', {}],
  ['users.create', { username: 'ada', email: 'ada@example.com', apiKey: MEMBER_KEY }],
  ['users.get', { id: 2 }],
  ['users.getByUsername', { username: 'ADA' }],
  ['users.me', undefined],
  ['users.list', {}],
  ['users.update', { id: 2, spendingLimit: '5' }],
  ['users.deactivate', { id: 2 }],
  ['users.reactivate', { id: 2 }],
  ['apiKeys.create', { name: 'ci' }],
  ['apiKeys.list', {}],
  ['apiKeys.rotate', { id: 3 }],
  ['apiKeys.revoke', { id: 4 }],
  ['identities.create', { userId: 2, issuer: 'https://issuer.example', subject: 'ada' }],
  ['identities.list', { userId: 2 }],
  ['identities.remove', { id: 1 }],
  ['projects.create', { name: 'Snake', idea: 'A game', metadata: { rounds: 3 }, idempotencyKey: 'project' }],
  ['projects.get', { id: 1 }],
  ['projects.list', { limit: 1 }],
  ['projects.count', {}],
  ['projects.update', { id: 1, investment: 4.5 }],
  ['projects.updateStatus', { id: 1, status: 'running' }],
  ['costs.record', { ...cost, idempotencyKey: 'cost' }],
  ['costs.recordMany', { records: [cost, { ...cost, projectId: 99 }] }],
  ['costs.recordUsage', { projectId: 1, provider: 'openai', response }],
  ['costs.get', { id: 1 }],
  ['costs.list', { projectId: 1 }],
  ['costs.total', { projectId: 1 }],
  ['costs.timeline', { projectId: 1 }],
  ['costs.adjust', { projectId: 1, totalCost: '0.05', reason: 'counted twice' }],
  ['budgets.get', { projectId: 1 }],
  ['budgets.reserve', { projectId: 1, amount: '0.02', idempotencyKey: 'hold' }],
  ['budgets.reservations', { projectId: 1, status: 'held' }],
  ['budgets.extend', { reservationId: 1, ttlSeconds: 600 }],
  ['budgets.release', { reservationId: 1 }],
  ['budgets.settle', { reservationId: 1, ...usage, totalCost: '0.03' }],
  ['sessions.create', { projectId: 1, metadata: { from: 'test' } }],
  ['sessions.get', { id: 1 }],
  ['sessions.list', {}],
  [
    'sessions.verify',
    (answers: Answers) => ({ token: /mgx_ses_[\w-]+/.exec(answers.get('sessions.create') ?? '')?.[0] }),
  ],
  ['sessions.extend', { id: 1, ttlSeconds: 60 }],
  ['sessions.close', { id: 1 }],
  ['prices.set', { model: 'house-model', inputPrice: '1', outputPrice: '2' }],
  ['prices.quote', { model: 'house-model', promptTokens: 10, completionTokens: 5 }],
  ['prices.list', {}],
  ['prices.models', { search: 'gpt-4o', limit: 3 }],
  ['prices.unknown', {}],
  ['prices.reprice', { from: '2026-01-01T00:00:00Z', dryRun: true }],
  ['reports.spend', { groupBy: ['model'] }],
  ['reports.projects', {}],
  ['reports.users', {}],
  ['reports.overview', {}],
  ['audit.list', {}],
  ['audit.failedSignIns', {}],
  ['system.books', {}],
  ['system.verify', {}],
]

/** Inputs that every procedure refuses, or that name rows that do not exist. */
export const badInputs: unknown[] = [
  null,
  'text',
  [],
  { unknown: true },
  { id: 99, projectId: 99, reservationId: 99 },
  { id: 'one', limit: 0, cursor: 'nowhere' },
]
