import { MgxError } from '../errors.js'
import type { Budget, Reservation, ReservationAndBudget, SettledReservation } from '../generated/entities.js'
import type { ReserveInput, SettleInput } from '../generated/inputs.js'
import type { BudgetsMethods } from '../generated/methods.js'
import type { CallOptions } from '../options.js'
import { newKey } from '../transport/idempotency.js'
import type { UsdAmount } from '../usd.js'
import { keepExtended } from './extension.js'
import { amountOf, waitingLines } from './waiting-lines.js'

/** Leaves fields out of each member of a union. */
export type Without<Union, Field extends PropertyKey> = Union extends unknown ? Omit<Union, Field> : never

/** What a model call used: tokens, or the provider with its response or usage object. */
export type CallUsage = Without<SettleInput, 'reservationId'>

/** The maximum cost of a call: an amount of USD, or a model and the maximum number of tokens. */
export type Estimate = UsdAmount | Omit<Extract<ReserveInput, { model: string }>, 'projectId' | HoldOption>
type HoldOption = 'ttlSeconds' | 'idempotencyKey'

/** Options of `budgets.guard` and `budgets.hold`. */
export interface GuardOptions {
  readonly projectId: number
  readonly estimate: Estimate
  /** Seconds until the hold expires if this process dies; 300 by default. It is extended while it is open. */
  readonly ttlSeconds?: number | undefined
  /**
   * Milliseconds to wait, at most, while open holds leave no room for the estimate (`shortage: 'held'`); 0 by default. The
   * waiting calls of one client for one project are served in the order in which they came, and together they ask at most
   * twice a second. A call without `wait` does not line up behind them.
   */
  readonly wait?: number | undefined
}

/** The method that `await using` calls, if the types of the platform are installed. */
type AsyncDisposing = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol }
  ? { readonly [Dispose in Key]: () => Promise<void> }
  : object

/**
 * Money set aside for one model call. It is extended until it is settled or released. `await using` disposes it at the end
 * of the block: it is then released, unless it was settled or released before; a failed release is ignored, because the
 * hold expires. After a failed `settle`, which can be repeated with `budgets.settle`, it stays open until it expires.
 */
export interface Hold extends AsyncDisposing {
  readonly reservation: Reservation
  /** The budget, including this hold. */
  readonly budget: Budget
  /**
   * Records the cost of the call and frees the rest of the hold. Repeated with the same usage, it returns the same result.
   * @throws MgxError with `details.reservationId`, which `budgets.settle` takes to retry. TypeError when there is no usage.
   */
  settle(usage: CallUsage): Promise<SettledReservation>
  /** Releases the hold, when no call was needed. */
  release(): Promise<ReservationAndBudget>
  /** Makes the hold expire `ttlSeconds` from now; later extensions use the same number. */
  extend(ttlSeconds: number): Promise<ReservationAndBudget>
}

/** The method that the client adds to `mgx.budgets` for calls that do not fit in one callback, such as a stream. */
export interface HoldMethods {
  /**
   * Reserves the estimate and returns the hold: `await using hold = await mgx.budgets.hold({ … })`. The call options apply
   * to the reservation; `signal` also ends the wait.
   * @throws BudgetExceededError when the estimate does not fit, after `wait` if the shortage may pass; RangeError when `wait`
   *   is negative or not finite.
   */
  hold(options: GuardOptions, callOptions?: CallOptions): Promise<Hold>
}

/** The result of ending a hold. */
export type Ended = SettledReservation | ReservationAndBudget

/** `Symbol.asyncDispose`; on a platform without it, the symbol that compilers use in its place. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')

export function holdOver(budgets: BudgetsMethods): HoldMethods['hold'] {
  const lines = waitingLines()

  return async ({ projectId, estimate, ttlSeconds, wait }, callOptions) => {
    const asked = typeof estimate === 'object' ? estimate : { amount: estimate }
    // One key for all attempts: if a lost one is executed late, the next one returns its hold.
    const input = { projectId, ttlSeconds, ...asked, idempotencyKey: newKey() }
    const waiting = { wait, amount: amountOf(estimate), signal: callOptions?.signal }
    const { reservation, budget } = await lines.enter(projectId, () => budgets.reserve(input, callOptions), waiting)
    const { id: reservationId } = reservation
    const extend = (seconds: number) => budgets.extend({ reservationId, ttlSeconds: seconds })
    const extension = keepExtended(extend, secondsOf(reservation))

    let ending: Promise<Ended> | undefined
    function end<Answer extends Ended>(step: Promise<Answer>): Promise<Answer> {
      const ended = step.then((answer) => {
        extension.stop()
        lines.tell(projectId, answer.budget.remaining)
        return answer
      })
      ending = ended
      return ended
    }
    const release = () => end(budgets.release({ reservationId }))
    return {
      reservation,
      budget,
      settle: (usage) => end(settle(budgets, reservationId, usage)),
      release,
      async extend(seconds) {
        const extended = await extend(seconds)
        extension.by(seconds)
        return extended
      },
      async [asyncDispose]() {
        extension.stop()
        await (ending ?? release()).catch(() => undefined)
      },
    }
  }
}

async function settle(budgets: BudgetsMethods, reservationId: number, report: CallUsage): Promise<SettledReservation> {
  if (!isUsage(report)) throw new TypeError(NO_USAGE)
  const { result: _, ...usage } = report as CallUsage & { result?: unknown }
  try {
    return await budgets.settle({ ...usage, reservationId })
  } catch (error) {
    if (error instanceof MgxError) error.details.reservationId = reservationId
    throw error
  }
}

/** Returns the time to live in seconds. Both instants are from the database's clock, so clock skew does not matter. */
const secondsOf = ({ createdAt, expiresAt }: Reservation): number =>
  Math.max(1, Math.round((Date.parse(expiresAt) - Date.parse(createdAt)) / 1_000))

/** Returns whether a report is the usage of a call. */
export const isUsage = (report: unknown): report is CallUsage =>
  typeof report === 'object' && report !== null && ('model' in report || 'provider' in report)

const NO_USAGE =
  'The hold was given no usage, and stays open until it expires. Settle it with, or return from the guarded work, ' +
  '{ provider, response } or { model, promptTokens, completionTokens }; the work may also return what hold.settle(usage) or ' +
  'hold.release() returns.'
