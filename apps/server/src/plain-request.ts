import { appRouter } from '@mgx/api'
import type { AnyTRPCProcedure } from '@trpc/server'
import type { FastifyRequest } from 'fastify'

/** A call whose input is not checked yet. */
export type PlainCall = { path: string; type: 'query' | 'mutation'; input: unknown }
export type PlainRequest = { isBatch: boolean; calls: PlainCall[] }

export const MAX_BATCH_CALLS = 50

// At run time a flat record by path; its type is the nested one of the router.
const procedures = appRouter._def.procedures as unknown as Record<string, AnyTRPCProcedure>
const procedureTypes = new Map(Object.entries(procedures).map(([path, { _def }]) => [path, _def.type]))

/**
 * What a request asks for when it is nothing but JSON calls of procedures that exist: queries, or mutations by POST.
 * Undefined for all else, right or wrong: tRPC's own adapter has the answer to that.
 */
export function readPlainRequest(request: {
  method: string
  url: string
  path: string
  headers: FastifyRequest['headers']
  body: unknown
}): PlainRequest | undefined {
  const { method, url, headers } = request
  if (headers['trpc-accept'] !== undefined || headers.accept?.includes('jsonl')) return undefined
  if (method === 'GET' && headers['content-type'] !== undefined) return undefined
  const search = readSearch(url)
  if (!search) return undefined

  const { isBatch } = search
  const paths = isBatch ? request.path.split(',') : [request.path]
  if (paths.length > MAX_BATCH_CALLS) return undefined
  const type = procedureTypes.get(paths[0] ?? '')
  if (type !== 'query' && !(type === 'mutation' && method === 'POST')) return undefined
  if (paths.some((path) => procedureTypes.get(path) !== type)) return undefined

  const inputs = readInputs(method === 'GET' ? search.input : request.body, isBatch)
  return inputs && { isBatch, calls: paths.map((path, index) => ({ path, type, input: inputs[index] })) }
}

function readSearch(url: string): { isBatch: boolean; input: string | null } | undefined {
  const start = url.indexOf('?')
  if (start === -1) return { isBatch: false, input: null }
  if (url.includes('#')) return undefined
  const parameters = new URLSearchParams(url.slice(start))
  for (const name of parameters.keys()) if (name !== 'batch' && name !== 'input') return undefined
  return { isBatch: parameters.get('batch') === '1', input: parameters.get('input') }
}

/** The inputs by the index of their call; without any text there are none. */
function readInputs(text: unknown, isBatch: boolean): Record<number, unknown> | undefined {
  if (text === undefined || text === null || text === '') return []
  if (typeof text !== 'string') return undefined
  try {
    const input: unknown = JSON.parse(text)
    if (!isBatch) return [input]
    return typeof input === 'object' && input !== null && !Array.isArray(input) ? { ...input } : undefined
  } catch {
    return undefined
  }
}
