import { MgxError } from '../errors.js'
import type {
  Budget,
  CostRecord,
  Reservation,
  ReservationAndBudget,
  SettledReservation,
} from '../generated/entities.js'
import type { ReserveInput, SettleInput } from '../generated/inputs.js'
import type { BudgetsMethods } from '../generated/methods.js'
import type { CallOptions } from '../options.js'
import type { UsdAmount } from '../usd.js'
import { keepExtended } from './extension.js'

/** What a model call used. Without `totalCost` the server prices the call. */
export interface CallUsage extends Omit<SettleInput, 'reservationId'> {}

/** The maximum cost of a call: an amount of USD, or a model and the maximum number of tokens. */
export type Estimate = UsdAmount | Omit<Extract<ReserveInput, { model: string }>, 'projectId' | HoldOption>
type HoldOption = 'ttlSeconds' | 'idempotencyKey'

/** Options of `budgets.guard`. */
export interface GuardOptions {
  readonly projectId: number
  readonly estimate: Estimate
  /** Seconds until the hold expires if this process dies; 300 by default. It is extended while the work runs. */
  readonly ttlSeconds?: number | undefined
}

/** The hold under which guarded work runs. */
export interface Hold {
  readonly reservation: Reservation
  /** The budget, including this hold. */
  readonly budget: Budget
  /**
   * Settles the hold right away, for work that continues after its call. Repeated with the same usage, it returns the
   * same result.
   * @throws MgxError with `details.reservationId`, which `budgets.settle` takes to retry.
   */
  settle(usage: CallUsage): Promise<SettledReservation>
  /** Releases the hold, when no call was needed. */
  release(): Promise<ReservationAndBudget>
  /** Makes the hold expire `ttlSeconds` from now; later extensions use the same number. */
  extend(ttlSeconds: number): Promise<ReservationAndBudget>
}

/**
 * What guarded work returns: the usage of its call, or what `hold.settle` or `hold.release` returned; optionally with a
 * `result` of its own.
 */
export type GuardReport<Result> = (CallUsage | SettledReservation | ReservationAndBudget) & {
  readonly result?: Result | undefined
}

/** Makes the model call that the hold is for. */
export type GuardedWork<Result> = (hold: Hold) => GuardReport<Result> | PromiseLike<GuardReport<Result>>

/** The outcome of guarded work. */
export interface Guarded<Result> {
  /** The `result` that the work returned. */
  readonly result: Result
  /** The cost record; null when the hold was released. */
  readonly record: CostRecord | null
  readonly reservation: Reservation
  readonly budget: Budget
  /** True when the call cost more than the amount held. */
  readonly overrun: boolean
  /** True when the hold had already expired or been released. */
  readonly late: boolean
}

/** The method that the client adds to `mgx.budgets`. */
export interface GuardMethods {
  /**
   * Reserves the estimate, runs the work and settles with the usage that the work returns. The work runs only when the
   * estimate fits in the budget, and the hold does not expire while it runs. When the work throws before settling, the
   * hold is released; if the failed call cost something, `hold.settle` before throwing.
   * The call options apply to the reservation only.
   * @throws BudgetExceededError before the work runs, when the estimate does not fit; what the work throws, unchanged; an
   *   MgxError when settling fails: the hold then stays open until it expires, and `budgets.settle` with its
   *   `details.reservationId` can still settle it. TypeError when the work returns no usage.
   */
  guard<Result = undefined>(
    options: GuardOptions,
    work: GuardedWork<Result>,
    callOptions?: CallOptions,
  ): Promise<Guarded<Result>>
}

type Ended = SettledReservation | ReservationAndBudget

export function guardWith(budgets: Omit<BudgetsMethods, 'get'>): GuardMethods['guard'] {
  return async ({ projectId, estimate, ttlSeconds }, work, callOptions) => {
    const asked = typeof estimate === 'object' ? estimate : { amount: estimate }
    const { reservation, budget } = await budgets.reserve({ projectId, ttlSeconds, ...asked }, callOptions)
    const { id: reservationId } = reservation
    const extend = (seconds: number) => budgets.extend({ reservationId, ttlSeconds: seconds })
    const extension = keepExtended(extend, secondsOf(reservation))

    let ending: Promise<Ended> | undefined
    function end<Answer extends Ended>(step: Promise<Answer>): Promise<Answer> {
      ending = step
      // If the work does not await this, a failure is thrown where `ending` is awaited below.
      step.then(extension.stop, () => undefined)
      return step
    }
    const hold: Hold = {
      reservation,
      budget,
      settle: (usage) => end(settle(budgets, reservationId, usage)),
      release: () => end(budgets.release({ reservationId })),
      async extend(seconds) {
        const extended = await extend(seconds)
        extension.by(seconds)
        return extended
      },
    }
    try {
      const report = await workOf(hold, work, () => ending)
      if (isUsage(report)) await hold.settle(report)
      if (!ending) throw new TypeError(NO_REPORT)
      return guarded(await ending, report.result)
    } finally {
      extension.stop()
    }
  }
}

/** Runs the work. Releases the hold when the work throws before it began to settle or release it. */
async function workOf<Result>(
  hold: Hold,
  work: GuardedWork<Result>,
  ending: () => Promise<Ended> | undefined,
): Promise<GuardReport<Result>> {
  try {
    return await work(hold)
  } catch (error) {
    // Ignore a failure here: the error of the work matters more, and the hold expires by itself.
    await (ending() ?? hold.release()).catch(() => undefined)
    throw error
  }
}

async function settle(
  budgets: Pick<BudgetsMethods, 'settle'>,
  reservationId: number,
  { model, promptTokens, completionTokens, cachedPromptTokens, totalCost, actionType }: CallUsage,
): Promise<SettledReservation> {
  const usage = { model, promptTokens, completionTokens, cachedPromptTokens, totalCost, actionType }
  try {
    return await budgets.settle({ reservationId, ...usage })
  } catch (error) {
    if (error instanceof MgxError) error.details.reservationId = reservationId
    throw error
  }
}

function guarded<Result>(ended: Ended, result: Result | undefined): Guarded<Result> {
  const { reservation, budget } = ended
  const { record, overrun, late } = 'record' in ended ? ended : { record: null, overrun: false, late: false }
  return { result: result as Result, record, reservation, budget, overrun, late }
}

/** The time to live. Both timestamps are from the database's clock, so no skew. */
const secondsOf = ({ createdAt, expiresAt }: Reservation): number =>
  Math.max(1, Math.round((Date.parse(expiresAt) - Date.parse(createdAt)) / 1_000))

const isUsage = (report: unknown): report is CallUsage =>
  typeof report === 'object' && report !== null && 'model' in report

const NO_REPORT =
  'budgets.guard: the work returned no usage. The hold stays open until it expires. ' +
  'Return { model, promptTokens, completionTokens }, or what hold.settle(usage) or hold.release() returns.'
