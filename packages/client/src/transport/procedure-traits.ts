/** What the runtime must know of a procedure to call it. */
export type ProcedureTraits = CallTraits | StreamTraits

/** A procedure that answers once. */
export interface CallTraits {
  readonly type: 'query' | 'mutation'
  readonly takesInput: boolean
  /** Where the call carries its idempotency key: on the input, or on each row of one of its lists. */
  readonly idempotencyKey?: 'input' | { readonly each: string }
  /** Whether it answers a page of rows, with a cursor to the next. */
  readonly page?: true
  /** Whether the same call again does nothing more and answers as before, without any key. */
  readonly idempotent?: true
}

/** A procedure that answers with a stream of events. */
export interface StreamTraits {
  readonly type: 'subscription'
  readonly takesInput: boolean
}
