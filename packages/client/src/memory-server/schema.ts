import contract from '../generated/contract.json' with { type: 'json' }

/** As much of JSON Schema as the inputs of the contract are written in. */
export type Schema = {
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly type?: string | readonly string[]
  readonly kind?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
}

type Procedure = { type: 'query' | 'mutation' | 'subscription'; input?: Schema; inputOptional: boolean }

export const { procedures, $defs: definitions } = contract as unknown as {
  procedures: Readonly<Record<string, Procedure>>
  $defs: Readonly<Record<string, Schema>>
}

/** The name that a reference points at. */
export const nameOf = ($ref: string): string => $ref.slice('#/$defs/'.length)
