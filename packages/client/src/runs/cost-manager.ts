import { formatUsd, type NanoUsd, parseUsd } from '@mgx/contract/money'
import type { MgxClient } from '../client.js'
import { BudgetExceededError } from '../errors.js'
import type { CostRecord, RecordedCost } from '../generated/entities.js'
import type { RecordCostInput } from '../generated/inputs.js'
import type { CallOptions } from '../options.js'
import { type UsdAmount, usd } from '../usd.js'
import type { Estimate, Guarded, GuardedWork, GuardOptions, Hold } from './guard.js'

/** One model call: its tokens, and its cost where the caller knows it. */
export interface CostUpdate extends Omit<RecordCostInput, 'projectId'> {}

/** Which project the costs belong to, and how far they may go. */
export interface CostManagerOptions {
  readonly projectId: number
  /** USD; the most that the calls recorded here may cost together. Without it, the investment of the project alone is the limit. */
  readonly maxBudget?: UsdAmount | undefined
}

/** Records the model calls of a run and adds them up. */
export class CostManager {
  readonly projectId: number
  /** USD; undefined when none was set. */
  readonly maxBudget: string | undefined
  readonly #mgx: Pick<MgxClient, 'costs' | 'budgets'>
  readonly #counted = new Set<number>()
  #total: NanoUsd = 0n
  /** What the guarded calls under way may still cost. */
  #held: NanoUsd = 0n
  #promptTokens = 0
  #completionTokens = 0

  /** @throws RangeError when `maxBudget` is no amount of USD, or a negative one. */
  constructor(mgx: Pick<MgxClient, 'costs' | 'budgets'>, { projectId, maxBudget }: CostManagerOptions) {
    this.#mgx = mgx
    this.projectId = projectId
    this.maxBudget = maxBudget === undefined ? undefined : usd.add(maxBudget)
    if (this.maxBudget?.startsWith('-')) throw new RangeError('maxBudget must not be negative')
  }

  /** USD; the exact sum of what was recorded here. */
  get totalCost(): string {
    return formatUsd(this.#total)
  }

  get promptTokens(): number {
    return this.#promptTokens
  }

  get completionTokens(): number {
    return this.#completionTokens
  }

  /** How many calls were recorded here. */
  get records(): number {
    return this.#counted.size
  }

  /**
   * Records one model call and adds it up. Calls may run at the same time.
   * @throws BudgetExceededError once the total is past `maxBudget`, or what the project spent is past its investment. The
   *   call is recorded by then, for the money is gone.
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
   * Does the work of one model call while its estimate is held, and adds up what it cost: `budgets.guard` under this
   * manager. The work runs only when the estimate fits in the budget of the project, and in `maxBudget` beside what was
   * recorded here and what other guarded calls hold.
   * @throws BudgetExceededError before the work, and then nothing is recorded; otherwise as `budgets.guard` does.
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

  /** What is held from now on. A throw here is one before the call: the guard frees the hold. */
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

  /** A call sent twice under one idempotency key is answered with the same record, and counts once here too. */
  #count({ id, totalCost, promptTokens, completionTokens }: CostRecord): void {
    if (this.#counted.has(id)) return
    this.#counted.add(id)
    this.#total += parseUsd(totalCost)
    this.#promptTokens += promptTokens
    this.#completionTokens += completionTokens
  }
}

/** `reached` is what was spent, or would be; `details` tells it apart where that is not all. */
function exceeded(reached: string, limit: string, details: object = { spent: reached, remaining: '0' }) {
  const message = `Budget exceeded: $${reached} > $${limit}`
  return new BudgetExceededError({ reason: 'budget_exceeded', message, details: { limit, ...details } })
}
