/** What the runtime must know of a procedure to call it. */
export interface ProcedureTraits {
  readonly type: 'query' | 'mutation'
  readonly takesInput: boolean
  /** Where the call carries its idempotency key: on the input, or on each row of one of its lists. */
  readonly idempotencyKey?: 'input' | { readonly each: string }
}
