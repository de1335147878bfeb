import type { PriceSource } from '@mgx/contract'
import type { LedgerObserver } from '@mgx/db'
import { Counter, type Registry } from 'prom-client'
import { createHistogram, SECONDS } from './histogram.js'

const MOST_MODELS = 200
const OTHER = 'other'

/** A group has at most 250 operations, unless one call has more: `costs.recordMany` takes up to 1,000. */
const OPERATIONS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000]

type Tokens = { input: number; output: number }

/** What the ledger of this process did: an observer of it, and the holds that ended, by their status. */
export type LedgerMetrics = LedgerObserver & { readonly ended: Readonly<Record<string, number>> }

/** Adds the metrics of the ledger to a registry. */
export function createLedgerMetrics(registry: Registry): LedgerMetrics {
  const registers = [registry]
  const modelOf = boundedNames()
  // In nano-USD, because sums of floats drift.
  const costs = new Map<string, { model: string; source: PriceSource; nano: bigint }>()
  const tokens = new Map<string, Tokens>()
  const ended = { settled: 0, released: 0, expired: 0 }
  const refusals = { project: 0, user: 0 }
  let overrun = 0n

  new Counter({
    name: 'mgx_cost_usd_total',
    help: 'Cost of recorded model calls in USD, by model and by where the price came from; without adjustments.',
    labelNames: ['model', 'price_source'],
    registers,
    collect() {
      this.reset()
      for (const { model, source, nano } of costs.values()) this.inc({ model, price_source: source }, usdOf(nano))
    },
  })
  new Counter({
    name: 'mgx_tokens_total',
    help: 'Tokens of recorded model calls, by model and type: input (cached ones included) or output.',
    labelNames: ['model', 'type'],
    registers,
    collect() {
      this.reset()
      for (const [model, counted] of tokens)
        for (const type of ['input', 'output'] as const) this.inc({ model, type }, counted[type])
    },
  })
  new Counter({
    name: 'mgx_budget_refusals_total',
    help: 'Reservations refused because they did not fit, by the account without room: project or user.',
    labelNames: ['account'],
    registers,
    collect() {
      this.reset()
      for (const account of ['project', 'user'] as const) this.inc({ account }, refusals[account])
    },
  })
  new Counter({
    name: 'mgx_reservations_expired_total',
    help: 'Reservations that expired before they were settled or released.',
    registers,
    collect() {
      this.reset()
      this.inc(ended.expired)
    },
  })
  new Counter({
    name: 'mgx_overrun_usd_total',
    help: 'By how much the costs of settled reservations exceeded the reserved amounts, in USD.',
    registers,
    collect() {
      this.reset()
      this.inc(usdOf(overrun))
    },
  })
  const sizes = createHistogram(registry, {
    name: 'mgx_commit_group_size',
    help: 'Operations of the ledger that were committed together in one transaction.',
    buckets: OPERATIONS,
  })
  const durations = createHistogram(registry, {
    name: 'mgx_commit_duration_seconds',
    help: 'Duration of the transactions in which the ledger commits groups of operations.',
    buckets: SECONDS,
  })

  return {
    ended,
    committed(group) {
      sizes.observe(group.operations)
      durations.observe(group.milliseconds / 1_000)
      overrun += group.overrun
      for (const status of ['settled', 'released', 'expired'] as const) ended[status] += group.ended[status]
      for (const account of ['project', 'user'] as const) refusals[account] += group.budgetRefusals[account]
      for (const { usage, price } of group.charges) {
        // They are no calls, and may be negative.
        if (price.source === 'adjustment') continue
        const model = modelOf(usage.model)
        const key = `${price.source} ${model}`
        const cost = costs.get(key)
        if (cost) cost.nano += price.amount
        else costs.set(key, { model, source: price.source, nano: price.amount })
        const counted = tokens.get(model)
        if (counted) {
          counted.input += usage.promptTokens
          counted.output += usage.completionTokens
        } else tokens.set(model, { input: usage.promptTokens, output: usage.completionTokens })
      }
    },
  }
}

/** Returns a function that keeps the first names it is given, and replaces all further ones, because callers choose names. */
function boundedNames(): (name: string) => string {
  const names = new Set<string>()
  return (name) => {
    if (names.has(name)) return name
    if (names.size >= MOST_MODELS) return OTHER
    names.add(name)
    return name
  }
}

const usdOf = (nano: bigint) => Number(nano) / 1e9
