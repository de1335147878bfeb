import { MgxError } from '../errors.js'

/** Where a method of the client was called. */
export type CallSite = { readonly stack?: unknown }

type Engine = { captureStackTrace?(target: object, below: CallableFunction): void }

/**
 * The place that called `method`. Engines keep the frames as they are, which takes microseconds, and make text of them
 * only when `stack` is read: for a call that failed.
 */
export function callSiteOf(method: CallableFunction): CallSite {
  const site = {}
  const { captureStackTrace } = Error as Engine
  captureStackTrace?.(site, method)
  return site
}

/**
 * The same error. Where it is one of a failed call, its stack leads to the call: it was made once the answer had come, where
 * nothing but the transport is on the stack.
 */
export function thrownAt({ stack }: CallSite, error: unknown): unknown {
  const frames = typeof stack === 'string' ? /\n\s*at .*/s.exec(stack)?.[0] : undefined
  if (error instanceof MgxError && frames) error.stack = `${error.name}: ${error.message}${frames}`
  return error
}
