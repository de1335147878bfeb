/** What the exit code of a command says; documented in docs/command-line.md. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  notSignedIn: 4,
  budgetExceeded: 5,
  unavailable: 6,
  interrupted: 130,
} as const

/** What an error knows beside its message: the exit code, and what to do next. */
type Facts = { exitCode?: number; next?: string | undefined; cause?: unknown }

/** Thrown when a command cannot do its work; its message and the next step are all that is printed. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number
  /** What to do about it, as one line. */
  readonly next: string | undefined

  constructor(message: string, { exitCode = EXIT.failed, next, cause }: Facts = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
    this.next = next
  }
}

/** Returns the error for a command that was called wrongly. */
export const usageError = (message: string, next?: string): CommandError =>
  new CommandError(message, { exitCode: EXIT.usage, next })
