import { DomainError, invalidField, MAX_IDEMPOTENCY_KEY_LENGTH } from '@mgx/contract'
import type { Operation, Parameter } from './operations.js'

/** Printable ASCII only: clients encode other header characters differently. */
export const KEY_IN_HEADER = new RegExp(`^[\\x20-\\x7e]{1,${MAX_IDEMPOTENCY_KEY_LENGTH}}$`)

/** The parts of a request from which its input is read. */
export type RestRequest = {
  params: Record<string, string>
  /** A name that the URL repeats has a list. */
  query: Record<string, string | string[]>
  /** JSON; undefined or empty when there is no body. */
  body: string | undefined
  idempotencyKey: string | undefined
}

/**
 * Builds the procedure's input from path, query string or body. Checks only where each field is given; the procedure
 * validates the values.
 * @throws DomainError `invalid_input`.
 */
export function readInput(operation: Operation, request: RestRequest): Record<string, unknown> {
  const fields = operation.method === 'GET' ? fromQuery(operation, request) : fromBody(request)
  const inPath = operation.parameters.filter((parameter) => parameter.in === 'path')
  for (const { name } of inPath) if (name in fields) throw invalidField(name, 'is already in the path')
  const given = inPath.map((parameter) => [parameter.name, jsonOf(parameter, request.params[parameter.name] ?? '')])
  return withKey(operation, { ...fields, ...Object.fromEntries(given) }, request.idempotencyKey)
}

function fromQuery({ parameters }: Operation, { query }: RestRequest): Record<string, unknown> {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]))
  return Object.fromEntries(Object.entries(query).map(([name, text]) => [name, jsonOf(known.get(name), text)]))
}

function fromBody({ query, body }: RestRequest): Record<string, unknown> {
  const [stray] = Object.keys(query)
  if (stray !== undefined) throw invalidField(stray.slice(0, 200), 'belongs in the body, not in the query string')
  const value = body ? parse(body) : {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new DomainError('invalid_input', 'the body must be a JSON object')
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new DomainError('invalid_input', 'the body is not well-formed JSON')
  }
}

/** Returns a number for an integer written as in JSON; else the text, which the procedure validates. */
function jsonOf(parameter: Parameter | undefined, text: string | string[]): unknown {
  const type = parameter?.schema.type
  if (type === 'array') return [text].flat()
  const isNumber = type === 'integer' && typeof text === 'string' && /^(0|-?[1-9]\d*)$/.test(text)
  return isNumber ? Number(text) : text
}

/** Adds the header's idempotency key. A key that the operation would ignore is refused, because the caller relies on it. */
function withKey(
  { takesKey, isRepeatable }: Operation,
  input: Record<string, unknown>,
  idempotencyKey: string | undefined,
): Record<string, unknown> {
  if (idempotencyKey === undefined || (isRepeatable && !takesKey)) return input
  if (!takesKey) throw invalidField('Idempotency-Key', 'this operation takes no idempotency key in the header')
  if (!KEY_IN_HEADER.test(idempotencyKey))
    throw invalidField('Idempotency-Key', `must be 1 to ${MAX_IDEMPOTENCY_KEY_LENGTH} printable ASCII characters`)
  if ((input.idempotencyKey ?? idempotencyKey) !== idempotencyKey) {
    throw invalidField('idempotencyKey', 'differs from the header Idempotency-Key')
  }
  return { ...input, idempotencyKey }
}
