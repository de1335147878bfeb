import type { InvalidInputError, MgxError } from '@mgx/client'
import { isMgxError, signInAgain } from './connection.js'
import { CommandError, EXIT } from './exit-code.js'
import type { Io } from './io.js'
import { printable } from './printable.js'

/** What is left to say of a command that failed. */
export type Failure = { exitCode: number; message: string; next: string | undefined }

/** The reasons with an exit code of their own; all others are 1. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  invalid_input: EXIT.usage,
  not_found: EXIT.notFound,
  unauthenticated: EXIT.notSignedIn,
  budget_exceeded: EXIT.budgetExceeded,
  unavailable: EXIT.unavailable,
  connection_failed: EXIT.unavailable,
  timed_out: EXIT.unavailable,
}

/** Returns the exit code and the lines of an error: what happened, with the request id, and what to do next. */
export function describeFailure(error: unknown, { io, path }: { io: Io; path: string }): Failure {
  if (error instanceof CommandError) {
    return { exitCode: error.exitCode, message: printable(error.message), next: error.next }
  }
  if (!isMgxError(error)) {
    const text = error instanceof Error ? error.message : String(error)
    return { exitCode: EXIT.failed, message: printable(text), next: undefined }
  }
  return {
    exitCode: exitCodeOf(error),
    message: printable(messageOf(error) + requestOf(error)),
    next: nextStep(error, { io, path }),
  }
}

/** Returns the words that name the request of a failed call in the log of the server. */
export const requestOf = ({ requestId }: Pick<MgxError, 'requestId'>): string =>
  requestId ? ` (request ${requestId})` : ''

/** Something that answers but is no MGX server is as good as no server; one without the procedure is only old. */
const exitCodeOf = (error: MgxError): number =>
  error.reason === 'unexpected_answer' && !isOldServer(error)
    ? EXIT.unavailable
    : (EXIT_CODES[error.reason] ?? EXIT.failed)

/** Whether the server is older than this client, and lacks the procedure. */
const isOldServer = ({ details }: MgxError): boolean => details.missing === 'procedure'

function messageOf(error: MgxError): string {
  if (error.reason === 'unauthenticated')
    return 'The server does not accept the API key: it is wrong, expired or revoked'
  if (error.reason !== 'invalid_input') return error.message
  const { fields = [] } = error as InvalidInputError
  return fields.length === 0 ? error.message : fields.map(({ path, message }) => `${path}: ${message}`).join('; ')
}

function nextStep(error: MgxError, { io, path }: { io: Io; path: string }): string | undefined {
  if (isOldServer(error)) return 'Update the server, or use the mgx of its version'
  switch (error.reason) {
    case 'unauthenticated':
      return signInAgain(io)
    case 'invalid_input':
      return `See: mgx ${path} --help`
    case 'not_found':
      return 'Check the id: what another user owns counts as missing. Who am I: mgx whoami'
    case 'forbidden':
      return 'Sign in with a key that may do this. Who am I: mgx whoami'
    case 'budget_exceeded':
      return error.details.account === 'user'
        ? 'An admin raises the limit of the user with: mgx users update ID --spending-limit USD'
        : 'Give the run more with: mgx runs raise ID USD'
    case 'unknown_model':
      return 'Give its cost with --total-cost, or its price with: mgx prices set'
    case 'rate_limited':
      return `Try again${typeof error.details.retryAfterSeconds === 'number' ? ` in ${error.details.retryAfterSeconds} s` : ' later'}`
    case 'internal':
      return 'The log of the server says more under the id of the request'
    case 'connection_failed':
    case 'timed_out':
    case 'unavailable':
    case 'unexpected_answer':
      return 'Is MGX_URL, or the URL of the profile, right, and does the server run? See: mgx doctor'
    default:
      return undefined
  }
}
