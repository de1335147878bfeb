import { formatUsd, type NanoUsd, parseUsd } from '@mgx/contract/money'
import type { MgxClient } from '../client.js'
import { BudgetExceededError } from '../errors.js'
import type { CostRecord, RecordedCost } from '../generated/entities.js'
import type { RecordCostInput, RecordUsageInput } from '../generated/inputs.js'
import type { CallOptions } from '../options.js'
import { type UsdAmount, usd } from '../usd.js'
import { type Guarded, type GuardedWork, guarded } from './guard.js'
import { asyncDispose, type Estimate, type GuardOptions, type Hold, type Without } from './hold.js'
import { amountOf, waitingLines } from './waiting-lines.js'

/** One model call: its tokens and, if known, its cost; or the provider with its response or usage object. */
export type CostUpdate = Without<RecordCostInput | RecordUsageInput, 'projectId'>

/** Options of {@link CostManager}: the project and an optional limit. */
export interface CostManagerOptions {
  readonly projectId: number
  /** USD; limit on the total cost recorded by this manager. Without it, only the project's investment is the limit. */
  readonly maxBudget?: UsdAmount | undefined
}

/** Options of `CostManager.guard` and `CostManager.hold`; the project is that of the manager. */
export interface ManagedHoldOptions extends Omit<GuardOptions, 'projectId'> {}

/** Records the model calls of a run and totals their cost and tokens. */
export class CostManager {
  readonly projectId: number
  /** USD; undefined when none was set. */
  readonly maxBudget: string | undefined
  readonly #mgx: Pick<MgxClient, 'costs' | 'budgets'>
  readonly #counted = new Set<number>()
  /** The calls that wait for room in `maxBudget`. */
  readonly #lines = waitingLines()
  #total: NanoUsd = 0n
  /** The sum of the open holds. */
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
    const { projectId } = this
    const { costs } = this.#mgx
    const recorded = await (isTokens(call)
      ? costs.record({ ...call, projectId })
      : costs.recordUsage({ ...call, projectId }))
    const { record, budget } = recorded
    this.#count(record)
    const { maxBudget, totalCost } = this
    const facts = { remaining: '0', shortage: 'spent' }
    if (maxBudget !== undefined && usd.compare(totalCost, maxBudget) > 0)
      throw exceeded(totalCost, maxBudget, { ...facts, spent: totalCost, reserved: formatUsd(this.#held) })
    if (budget.exceeded)
      throw exceeded(budget.spent, budget.limit, { ...facts, spent: budget.spent, reserved: budget.reserved })
    return recorded
  }

  /**
   * Runs one model call under a hold, as `budgets.guard` does, and adds its cost to the totals. The work runs only when the
   * estimate fits in the project's budget and in `maxBudget`, after what this manager has recorded and holds;
   * `wait` is for room in both. An estimate can also be passed alone, in place of the options.
   * @throws BudgetExceededError before the work runs, and nothing is recorded; otherwise throws what `budgets.guard` throws.
   */
  guard<Result = undefined>(
    options: ManagedHoldOptions | Estimate,
    work: GuardedWork<Result>,
    callOptions?: CallOptions,
  ): Promise<Guarded<Result>> {
    return guarded(this.hold(options, callOptions), work)
  }

  /**
   * Opens a hold, as `budgets.hold` does, and adds its cost to the totals. The estimate must fit in the project's budget
   * and in `maxBudget`, as for `guard`.
   * @throws BudgetExceededError, and what else `budgets.hold` throws.
   */
  async hold(options: ManagedHoldOptions | Estimate, callOptions?: CallOptions): Promise<Hold> {
    const { projectId, maxBudget } = this
    const { wait, ...held } = isOptions(options) ? options : { estimate: options, wait: undefined }
    let amount = amountOf(held.estimate)
    const admit = async (left = wait) => {
      if (amount) this.#requireRoom(amount)
      const hold = await this.#mgx.budgets.hold({ ...held, projectId, wait: left }, callOptions)
      amount = hold.reservation.amount
      try {
        this.#requireRoom(amount)
      } catch (error) {
        await hold[asyncDispose]()
        throw error
      }
      this.#changeHeld(parseUsd(amount))
      return hold
    }
    const waiting = { wait: maxBudget === undefined ? 0 : wait, amount, signal: callOptions?.signal }
    const hold = await this.#lines.enter(projectId, admit, waiting)
    let nano = parseUsd(hold.reservation.amount)
    const free = () => {
      this.#changeHeld(-nano)
      nano = 0n
    }
    return {
      ...hold,
      settle: async (usage) => {
        const settled = await hold.settle(usage)
        this.#count(settled.record)
        free()
        return settled
      },
      release: async () => {
        const released = await hold.release()
        free()
        return released
      },
      async [asyncDispose]() {
        await hold[asyncDispose]()
        free()
      },
    }
  }

  /** What is left of `maxBudget`; undefined without one. */
  get #left(): NanoUsd | undefined {
    return this.maxBudget === undefined ? undefined : parseUsd(this.maxBudget) - this.#total - this.#held
  }

  /** Adds to the sum of the holds and tells the first waiting call what is left. */
  #changeHeld(amount: NanoUsd): void {
    this.#held += amount
    if (this.#left !== undefined) this.#lines.tell(this.projectId, formatUsd(this.#left))
  }

  #requireRoom(requested: string): void {
    const { maxBudget: limit, totalCost: spent } = this
    const left = this.#left
    const amount = parseUsd(requested)
    if (limit === undefined || left === undefined || amount <= left) return
    const after = this.#total + this.#held + amount
    throw exceeded(formatUsd(after), limit, {
      spent,
      reserved: formatUsd(this.#held),
      remaining: formatUsd(left > 0n ? left : 0n),
      requested,
      shortage: amount <= left + this.#held ? 'held' : 'spent',
    })
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

const isTokens = (call: CostUpdate): call is Without<RecordCostInput, 'projectId'> => 'promptTokens' in call

const isOptions = (options: ManagedHoldOptions | Estimate): options is ManagedHoldOptions =>
  typeof options === 'object' && 'estimate' in options

/** `reached` is the amount spent, or the one that would be; `details` splits it into spent, reserved and requested. */
function exceeded(reached: string, limit: string, details: object) {
  const message = `Budget exceeded: $${reached} > $${limit}`
  return new BudgetExceededError({ reason: 'budget_exceeded', message, details: { limit, ...details } })
}
