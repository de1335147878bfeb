/** What is kept of an API key to know it again, and cannot be turned back into it. */
export type KeyProofs = {
  /** Makes the proof of an API key for a user, or, without one, for the process itself. */
  make(apiKey: string, userId: number | undefined): Promise<string>
  /** Whether a proof is one of this API key, which a user's call bears. */
  check(proof: string, apiKey: string, userId: number): Promise<boolean>
}
