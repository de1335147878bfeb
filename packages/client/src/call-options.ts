/** The platform's AbortSignal where its types are there, and otherwise as much of it as is needed. */
export type CallSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : { readonly aborted: boolean; readonly reason: unknown }

/** How one call is made. */
export interface CallOptions {
  /** Gives the call up, between its tries too. It then throws the reason of the signal; the server may have done the work. */
  readonly signal?: CallSignal | undefined
}
