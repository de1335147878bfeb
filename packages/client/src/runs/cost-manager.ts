import { formatUsd, type NanoUsd, parseUsd } from '@mgx/contract/money'
import type { MgxClient } from '../client.js'
import { BudgetExceededError } from '../errors.js'
import type { CostRecord, RecordedCost } from '../generated/entities.js'
import type { RecordCostInput } from '../generated/inputs.js'
import type { CallOptions } from '../options.js'
import { type UsdAmount, usd } from '../usd.js'
import type { Estimate, Guarded, GuardedWork, GuardOptions, Hold } from './guard.js'

/** One model call: its tokens and, if known, its cost. */
export interface CostUpdate extends Omit<RecordCostInput, 'projectId'> {}

/** Options of {@link CostManager}: the project and an optional limit. */
export interface CostManagerOptions {
  readonly projectId: number
  /** USD; limit on the total cost recorded by this manager. Without it, only the project's investment is the limit. */
  readonly maxBudget?: UsdAmount | undefined
}

/** Records the model calls of a run and totals their cost and tokens. */
export class CostManager {
  readonly projectId: number
  /** USD; undefined when none was set. */
  readonly maxBudget: string | undefined
  readonly #mgx: Pick<MgxClient, 'costs' | 'budgets'>
  readonly #counted = new Set<number>()
  #total: NanoUsd = 0n
  /** The sum of the holds of the guarded calls in progress. */
  #held: NanoUsd = 0n
  #promptTokens = 0
  #completionTokens = 0

  /** @throws RangeError when `maxBudget` is negative or not an amount of USD. */
  constructor(mgx: Pick<MgxClient, 'costs' | 'budgets'>, { projectId, maxBudget }: CostManagerOptions) {
    this.#mgx = mgx
    this.projectId = projectId
    this.maxBudget = maxBudget === undefined ? undefined : usd.add(maxBudget)
    if (this.maxBudget?.startsWith('-')) throw new RangeError('maxBudget must not be negative')
  }

  /** USD; the exact total of the calls recorded by this manager. */
  get totalCost(): string {
    return formatUsd(this.#total)
  }

  get promptTokens(): number {
    return this.#promptTokens
  }

  get completionTokens(): number {
    return this.#completionTokens
  }

  /** The number of calls recorded by this manager. */
  get records(): number {
    return this.#counted.size
  }

  /**
   * Records one model call and adds it to the totals. Safe to call concurrently.
   * @throws BudgetExceededError when the total exceeds `maxBudget`, or the project has spent more than its investment. The
   *   call is recorded all the same, because the money is spent.
   */
  async update(call: CostUpdate): Promise<RecordedCost> {
    const recorded = await this.#mgx.costs.record({ ...call, projectId: this.projectId })
    const { record, budget } = recorded
    this.#count(record)
    const { maxBudget, totalCost } = this
    if (maxBudget !== undefined && usd.compare(totalCost, maxBudget) > 0) throw exceeded(totalCost, maxBudget)
    if (budget.exceeded) throw exceeded(budget.spent, budget.limit)
    return recorded
  }

  /**
   * Runs one model call under `budgets.guard` and adds its cost to the totals. The work runs only when the estimate fits
   * in the project's budget and in `maxBudget`, after what this manager has recorded and its other guarded calls hold.
   * @throws BudgetExceededError before the work runs, and nothing is recorded; otherwise throws what `budgets.guard` throws.
   */
  async guard<Result = undefined>(
    estimate: Estimate,
    work: GuardedWork<Result>,
    { ttlSeconds, ...callOptions }: Pick<GuardOptions, 'ttlSeconds'> & CallOptions = {},
  ): Promise<Guarded<Result>> {
    let held = 0n
    const free = () => {
      this.#held -= held
      held = 0n
    }
    const counted = async (hold: Hold) => {
      held = this.#admit(hold)
      return work({ ...hold, settle: (usage) => hold.settle(usage).then((settled) => this.#settled(settled, free)) })
    }
    try {
      const options = { projectId: this.projectId, estimate, ttlSeconds }
      const guarded = await this.#mgx.budgets.guard<Result>(options, counted, callOptions)
      if (guarded.record) this.#count(guarded.record)
      return guarded
    } finally {
      free()
    }
  }

  #settled<Settled extends { record: CostRecord }>(settled: Settled, free: () => void): Settled {
    this.#count(settled.record)
    free()
    return settled
  }

  /** Adds the hold's amount to `#held` and returns it. Runs inside the guard, which releases the hold when this throws. */
  #admit({ reservation }: Hold): NanoUsd {
    const { maxBudget: limit, totalCost: spent } = this
    const amount = parseUsd(reservation.amount)
    const after = this.#total + this.#held + amount
    if (limit !== undefined && after > parseUsd(limit)) {
      const reserved = formatUsd(this.#held)
      const left = parseUsd(limit) - this.#total - this.#held
      const remaining = formatUsd(left > 0n ? left : 0n)
      throw exceeded(formatUsd(after), limit, { spent, reserved, remaining, requested: reservation.amount })
    }
    this.#held += amount
    return amount
  }

  /** Counts each record once: a repeated call with the same idempotency key returns the same record. */
  #count({ id, totalCost, promptTokens, completionTokens }: CostRecord): void {
    if (this.#counted.has(id)) return
    this.#counted.add(id)
    this.#total += parseUsd(totalCost)
    this.#promptTokens += promptTokens
    this.#completionTokens += completionTokens
  }
}

/** `reached` is the amount spent, or the one that would be; `details` splits it into spent, reserved and requested. */
function exceeded(reached: string, limit: string, details: object = { spent: reached, remaining: '0' }) {
  const message = `Budget exceeded: $${reached} > $${limit}`
  return new BudgetExceededError({ reason: 'budget_exceeded', message, details: { limit, ...details } })
}
