import { formatUsd, type NanoUsd, parseUsd } from '@mgx/contract/money'
import { BudgetExceededError } from './errors.js'
import type { RecordedCost } from './generated/entities.js'
import type { RecordCostInput } from './generated/inputs.js'
import type { MgxClient } from './generated/methods.js'
import { type UsdAmount, usd } from './usd.js'

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
  readonly #costs: MgxClient['costs']
  readonly #counted = new Set<number>()
  #total: NanoUsd = 0n
  #promptTokens = 0
  #completionTokens = 0

  /** @throws RangeError when `maxBudget` is no amount of USD, or a negative one. */
  constructor(mgx: Pick<MgxClient, 'costs'>, { projectId, maxBudget }: CostManagerOptions) {
    this.#costs = mgx.costs
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
    const recorded = await this.#costs.record({ ...call, projectId: this.projectId })
    const { record, budget } = recorded
    // A call sent twice under one idempotency key is answered with the same record, and counts once here too.
    if (!this.#counted.has(record.id)) {
      this.#counted.add(record.id)
      this.#total += parseUsd(record.totalCost)
      this.#promptTokens += record.promptTokens
      this.#completionTokens += record.completionTokens
    }
    const { maxBudget, totalCost } = this
    if (maxBudget !== undefined && usd.compare(totalCost, maxBudget) > 0) throw exceeded(totalCost, maxBudget)
    if (budget.exceeded) throw exceeded(budget.spent, budget.limit)
    return recorded
  }
}

function exceeded(spent: string, limit: string): BudgetExceededError {
  const message = `Budget exceeded: $${spent} > $${limit}`
  return new BudgetExceededError({ reason: 'budget_exceeded', message, details: { limit, spent, remaining: '0' } })
}
