/** A command that is one call of a procedure. All that is not said here is derived from the contract. */
export type CallDeclaration = {
  readonly procedure: string
  readonly summary: string
  /** The fields that are positional; one that ends in `?` may be left out or given as an option. */
  readonly args?: readonly string[]
  /** Fields that the command sets by itself. */
  readonly fixed?: Readonly<Record<string, unknown>>
  /** The fields that are options; by default all that are left. */
  readonly options?: readonly string[]
  /** The columns of the table; by default all. */
  readonly shown?: readonly string[]
  /** What the person must agree to, with `--yes` or when asked: `revoke the key`. */
  readonly confirm?: string
  /** What a person at a terminal should know about the result. */
  readonly note?: string
}
