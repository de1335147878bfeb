import { MgxError } from '../errors.js'

/** Where the caller called a client method. */
export type CallSite = { readonly stack?: unknown }

type Engine = { captureStackTrace?(target: object, below: CallableFunction): void }

/**
 * Captures the stack above `method`. This takes microseconds: engines format the frames only when `stack` is read, which
 * happens only for a failed call.
 */
export function callSiteOf(method: CallableFunction): CallSite {
  const site = {}
  const { captureStackTrace } = Error as Engine
  captureStackTrace?.(site, method)
  return site
}

/**
 * Returns the error; an MgxError gets the stack of the call site. Its own stack shows only the transport, because it is
 * created after the response has arrived.
 */
export function thrownAt({ stack }: CallSite, error: unknown): unknown {
  const frames = typeof stack === 'string' ? /\n\s*at .*/s.exec(stack)?.[0] : undefined
  if (error instanceof MgxError && frames) error.stack = `${error.name}: ${error.message}${frames}`
  return error
}
