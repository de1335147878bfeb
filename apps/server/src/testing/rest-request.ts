import { type Operation, operations } from '../rest/operations.js'

export type HttpRequest = { method: string; path: string; body?: string }

/** Returns the operation at the first place of a procedure. */
export function operationOf(procedure: string): Operation {
  const operation = operations.find(({ path }) => path === procedure)
  if (!operation) throw new Error(`${procedure} has no place in REST`)
  return operation
}

/** Returns the request that calls an operation with this input, each field in the path, the query string or the body. */
export function restRequest(
  { method, template, parameters }: Operation,
  input: Record<string, unknown> = {},
): HttpRequest {
  const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(urlText(input[name])))
  const others = Object.entries(input).filter(([name]) => !inPath.includes(name))
  if (method !== 'GET') return { method, path, body: JSON.stringify(Object.fromEntries(others)) }
  const query = others.flatMap(([name, value]) =>
    [value].flat().map((each) => [name, urlText(each)] as [string, string]),
  )
  return { method, path: query.length > 0 ? `${path}?${new URLSearchParams(query)}` : path }
}

/** Replaces lone surrogates, which a URL cannot carry. */
function urlText(value: unknown): string {
  return Buffer.from(typeof value === 'object' ? JSON.stringify(value) : String(value)).toString()
}
