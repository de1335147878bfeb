/** What the client needs to know about a procedure to call it. */
export type ProcedureTraits = CallTraits | StreamTraits

/** A procedure that returns a single response. */
export interface CallTraits {
  readonly type: 'query' | 'mutation'
  readonly takesInput: boolean
  /** Where the idempotency key goes: on the input, or on each row of the named list. */
  readonly idempotencyKey?: 'input' | { readonly each: string }
  /** True when it returns a page of rows, with a cursor to the next page. */
  readonly page?: true
  /** True when repeating the call has no further effect and returns the same result, without a key. */
  readonly idempotent?: true
}

/** A procedure that returns a stream of events. */
export interface StreamTraits {
  readonly type: 'subscription'
  readonly takesInput: boolean
}
