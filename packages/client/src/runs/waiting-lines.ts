import { BudgetExceededError } from '../errors.js'
import type { CallSignal } from '../options.js'
import { pause } from '../transport/retry.js'
import { type UsdAmount, usd } from '../usd.js'

/** The response to a granted request, with the budget after it. */
type Grant = { readonly budget: { readonly remaining: string } }

/** How long a call waits, and for what. */
export type Waiting = {
  /** Milliseconds. Undefined or 0: the call asks once and does not line up. */
  readonly wait: number | undefined
  /** The amount that the call asks for; undefined when only the server can tell. */
  readonly amount: string | undefined
  readonly signal: CallSignal | undefined
}

/** Lets the calls that wait for room in a budget ask for it in turn. */
export type WaitingLines = {
  /**
   * Asks, and while open holds leave no room asks again, first come first served among the calls with the same key. `ask`
   * receives the milliseconds left to wait.
   * @throws what `ask` throws, at once, except for a shortage that may pass; that one after the wait. RangeError when `wait`
   *   is not a number of milliseconds. The signal's reason when it is aborted.
   */
  enter<Granted extends Grant>(
    key: number,
    ask: (leftMs?: number) => Promise<Granted>,
    waiting: Waiting,
  ): Promise<Granted>
  /** Tells the first in line what remains of the budget; it asks at once if that suffices. */
  tell(key: number, remaining: string): void
}

/** How long the first in line waits before it asks again when it is told nothing. */
const AGAIN_MS = 750
/** At most two requests are refused within this time. */
const TWO_REFUSALS_MS = 1_000

type Line = {
  /** The calls in the order in which they came. */
  readonly places: { wake?: () => void }[]
  /** What remained of the budget, as far as known; undefined while the first in line asks. */
  remaining: string | undefined
  /** The latest refusal since the last grant. */
  refusal: BudgetExceededError | undefined
  /** When the last two refusals arrived, by `performance.now()`. */
  refusedAt: [number, number]
}

export function waitingLines(): WaitingLines {
  const lines = new Map<number, Line>()

  return {
    tell(key, remaining) {
      const line = lines.get(key)
      if (!line) return
      line.remaining = remaining
      line.places[0]?.wake?.()
    },
    async enter(key, ask, { wait, amount, signal }) {
      if (wait !== undefined && !(Number.isFinite(wait) && wait >= 0))
        throw new RangeError('wait must be a finite number of milliseconds, 0 or more')
      if (!wait) return ask()

      const until = performance.now() + wait
      const place = {}
      const line = lines.get(key) ?? newLine()
      const { places } = line
      lines.set(key, line)
      places.push(place)
      let requested = amount
      let own: BudgetExceededError | undefined
      try {
        for (;;) {
          const now = performance.now()
          const leftMs = until - now
          const isFirst = places[0] === place
          const mayFit = leftMs <= 0 || isEnough(line.remaining, requested)
          const due = Math.max(line.refusedAt[0] + TWO_REFUSALS_MS, mayFit ? 0 : line.refusedAt[1] + AGAIN_MS)
          if (isFirst && now >= due) {
            line.remaining = undefined
            try {
              const granted = await ask(Math.max(0, leftMs))
              line.remaining ??= granted.budget.remaining
              line.refusal = undefined
              return granted
            } catch (error) {
              if (!(error instanceof BudgetExceededError && error.shortage === 'held')) throw error
              own = error
              requested = error.requested
              line.remaining ??= error.remaining
              line.refusal = error
              line.refusedAt = [line.refusedAt[1], performance.now()]
              for (const other of places) other.wake?.()
              if (performance.now() >= until) throw error
              continue
            }
          }
          const refusal = own ?? (line.refusal && refusalBehind(line.refusal, requested))
          if (refusal && (leftMs <= 0 || refusal.shortage === 'spent')) throw refusal
          await pause(Math.min(leftMs > 0 ? leftMs : AGAIN_MS, isFirst ? due - now : AGAIN_MS), signal, place)
        }
      } finally {
        places.splice(places.indexOf(place), 1)
        if (places.length === 0) lines.delete(key)
        places[0]?.wake?.()
      }
    },
  }
}

const newLine = (): Line => ({
  places: [],
  remaining: undefined,
  refusal: undefined,
  refusedAt: [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
})

const isEnough = (remaining: string | undefined, amount: string | undefined): boolean =>
  remaining === undefined || amount === undefined || usd.compare(amount, remaining) <= 0

/** Returns the error for a call that has not asked the server, because an earlier one in line was refused. */
function refusalBehind(refusal: BudgetExceededError, amount: string | undefined): BudgetExceededError {
  const { limit, spent, remaining, details } = refusal
  const isSpent = amount && limit && spent && usd.compare(usd.add(spent, amount), limit) > 0
  const shortage = isSpent ? 'spent' : 'held'
  return new BudgetExceededError({
    ...refusal,
    requestId: undefined,
    message: `budgets.reserve: earlier calls wait for the same budget, which has ${remaining} USD left of ${limit}`,
    details: { ...details, requested: amount, shortage },
  })
}

/** Returns the amount in the server's format; undefined for anything else. */
export function amountOf(estimate: unknown): string | undefined {
  try {
    return usd.add(estimate as UsdAmount)
  } catch {
    return undefined
  }
}
