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

/** What a model call used, and its cost where the caller knows it: without `totalCost` the server prices it. */
export interface CallUsage extends Omit<SettleInput, 'reservationId'> {}

/** The most that a call may cost: an amount of USD, or a model and the most tokens it may use. */
export type Estimate = UsdAmount | Omit<Extract<ReserveInput, { model: string }>, 'projectId' | HoldOption>
type HoldOption = 'ttlSeconds' | 'idempotencyKey'

/** Which budget to hold against, and how much. */
export interface GuardOptions {
  readonly projectId: number
  readonly estimate: Estimate
  /** Seconds until the hold expires when this process dies; 300 unless told. While the work runs, it is extended. */
  readonly ttlSeconds?: number | undefined
}

/** The money that is held while guarded work runs. */
export interface Hold {
  readonly reservation: Reservation
  /** The budget with this hold in it. */
  readonly budget: Budget
  /**
   * Writes what the call cost, right away; for work that goes on after it. Again with the same usage it answers the same.
   * @throws MgxError; its `details.reservationId` is what `budgets.settle` takes to try again.
   */
  settle(usage: CallUsage): Promise<SettledReservation>
  /** Frees the hold: the call turned out not to be needed. */
  release(): Promise<ReservationAndBudget>
  /** Makes the hold expire that many seconds from now, and keeps extending it by as many. */
  extend(ttlSeconds: number): Promise<ReservationAndBudget>
}

/**
 * What guarded work returns: the usage of its call, or what `hold.settle` or `hold.release` answered; beside that, its
 * own result.
 */
export type GuardReport<Result> = (CallUsage | SettledReservation | ReservationAndBudget) & {
  readonly result?: Result | undefined
}

/** Does the call for which the money is held. */
export type GuardedWork<Result> = (hold: Hold) => GuardReport<Result> | PromiseLike<GuardReport<Result>>

/** How guarded work ended. */
export interface Guarded<Result> {
  /** What the work returned as `result`. */
  readonly result: Result
  /** The cost that was written; null when the hold was released. */
  readonly record: CostRecord | null
  readonly reservation: Reservation
  readonly budget: Budget
  /** True when the call cost more than was held. */
  readonly overrun: boolean
  /** True when the hold had ended before the cost was written. */
  readonly late: boolean
}

/** What the client adds to `mgx.budgets`. */
export interface GuardMethods {
  /**
   * Holds the estimate, does the work, and writes the usage that the work returns. The work runs only when the money is
   * there, and the hold does not expire while it runs. When the work throws before it has settled, the hold is freed:
   * where a call costs something although it failed, `hold.settle` before throwing.
   * The call options are those of the reservation; what goes on in the work is the work's own.
   * @throws BudgetExceededError before the work when the estimate does not fit; what the work throws, unchanged; an MgxError
   *   when the cost cannot be written: the hold then stays until it expires, and `budgets.settle` with its
   *   `details.reservationId` may still write it. TypeError when the work returns no usage.
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
      // Work that does not wait for it hears of a failure at its end, from here.
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

/** Does the work. When it throws before it has begun to settle, the call was not made: the hold is freed. */
async function workOf<Result>(
  hold: Hold,
  work: GuardedWork<Result>,
  ending: () => Promise<Ended> | undefined,
): Promise<GuardReport<Result>> {
  try {
    return await work(hold)
  } catch (error) {
    // What went wrong in the work matters more; and a hold that is not freed expires.
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

/** Both of its times are from the database's clock. */
const secondsOf = ({ createdAt, expiresAt }: Reservation): number =>
  Math.max(1, Math.round((Date.parse(expiresAt) - Date.parse(createdAt)) / 1_000))

const isUsage = (report: unknown): report is CallUsage =>
  typeof report === 'object' && report !== null && 'model' in report

const NO_REPORT =
  'budgets.guard: the work said neither what its call used nor that there was none. The money stays held until the hold ' +
  'expires. Return { model, promptTokens, completionTokens }, or what hold.settle(usage) or hold.release() answers.'
