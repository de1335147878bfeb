import type {
  Budget,
  CostRecord,
  Reservation,
  ReservationAndBudget,
  SettledReservation,
} from '../generated/entities.js'
import type { CallOptions } from '../options.js'
import { asyncDispose, type CallUsage, type Ended, type GuardOptions, type Hold, isUsage } from './hold.js'

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
   * The call options apply to the reservation only; `signal` also ends the wait.
   * @throws BudgetExceededError before the work runs, when the estimate does not fit, after `wait` if the shortage may pass;
   *   what the work throws, unchanged; an MgxError when settling fails: the hold then stays open until it expires, and
   *   `budgets.settle` with its `details.reservationId` can still settle it. TypeError when the work returns no usage.
   *   RangeError when `wait` is negative or not finite.
   */
  guard<Result = undefined>(
    options: GuardOptions,
    work: GuardedWork<Result>,
    callOptions?: CallOptions,
  ): Promise<Guarded<Result>>
}

/** Runs the work under the hold and settles it with the usage that the work returns. */
export async function guarded<Result>(opening: Promise<Hold>, work: GuardedWork<Result>): Promise<Guarded<Result>> {
  const opened = await opening
  const ending: { step?: Promise<Ended> } = {}
  function end<Answer extends Ended>(step: Promise<Answer>): Promise<Answer> {
    ending.step = step
    // If the work does not await this, a failure is thrown where the last step is awaited below.
    step.catch(() => undefined)
    return step
  }
  const hold: Hold = {
    ...opened,
    settle: (usage) => end(opened.settle(usage)),
    release: () => end(opened.release()),
  }
  try {
    const report = await work(hold)
    const { step } = ending
    const ended = await (isUsage(report) || !step ? hold.settle(report as CallUsage) : step)
    return outcomeOf(ended, report.result)
  } finally {
    await opened[asyncDispose]()
  }
}

function outcomeOf<Result>(ended: Ended, result: Result | undefined): Guarded<Result> {
  const { reservation, budget } = ended
  const { record, overrun, late } = 'record' in ended ? ended : { record: null, overrun: false, late: false }
  return { result: result as Result, record, reservation, budget, overrun, late }
}
