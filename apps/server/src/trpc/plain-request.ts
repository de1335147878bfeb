import type { IncomingMessage } from 'node:http'
import { procedures } from '@mgx/api'
import { MAX_BATCH_CALLS, MAX_BODY_BYTES } from '@mgx/contract'
import { TRPCError } from '@trpc/server'

/** A request that consists only of JSON calls of existing procedures. */
export type PlainRequest = {
  isBatch: boolean
  paths: string[]
  type: 'query' | 'mutation'
  /** The JSON of the inputs when it is in the URL; undefined when it is the body. */
  inputInUrl: string | undefined
}

const PREFIX = '/trpc/'
/** A host and perhaps a port. Other Host headers, valid or not, are left to the other routes. */
const PLAIN_HOST = /^[\w.-]+(:\d{1,5})?$/
const PLAIN_JSON = /^application\/json *(; *charset=utf-8)?$/i

/**
 * Reads plain calls (queries, or mutations by POST) from the head of a request. Returns undefined for any other request,
 * valid or not, which tRPC's own adapter handles.
 */
export function readPlainRequest({
  method,
  url = '',
  headers,
}: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): PlainRequest | undefined {
  if (!url.startsWith(PREFIX) || !PLAIN_HOST.test(headers.host ?? '')) return undefined
  if (headers['trpc-accept'] !== undefined || headers.accept?.includes('jsonl')) return undefined
  if (!(method === 'GET' ? !('content-type' in headers) : method === 'POST' && hasPlainBody(headers))) return undefined
  const search = readSearch(url)
  if (!search) return undefined

  const { path, isBatch } = search
  const paths = isBatch ? path.split(',') : [path]
  if (paths.length > MAX_BATCH_CALLS) return undefined
  const type = procedures.get(paths[0] ?? '')?.type
  if (type !== 'query' && !(type === 'mutation' && method === 'POST')) return undefined
  if (paths.some((each) => procedures.get(each)?.type !== type)) return undefined
  return { isBatch, paths, type, inputInUrl: method === 'GET' ? search.input : undefined }
}

/** Returns whether the body is uncompressed JSON of a known and allowed length. */
function hasPlainBody(headers: IncomingMessage['headers']): boolean {
  if (!PLAIN_JSON.test(headers['content-type'] ?? '') || 'content-encoding' in headers) return false
  return Number(headers['content-length'] ?? Number.NaN) <= MAX_BODY_BYTES
}

function readSearch(url: string): { path: string; isBatch: boolean; input: string } | undefined {
  const start = url.indexOf('?')
  if (start === -1) return { path: url.slice(PREFIX.length), isBatch: false, input: '' }
  if (url.includes('#')) return undefined
  const parameters = new URLSearchParams(url.slice(start))
  for (const name of parameters.keys()) if (name !== 'batch' && name !== 'input') return undefined
  const isBatch = parameters.get('batch') === '1'
  return { path: url.slice(PREFIX.length, start), isBatch, input: parameters.get('input') ?? '' }
}

/**
 * Returns the inputs of the calls by their index; an empty text has none.
 * @throws TRPCError as tRPC's own adapter does, when the text is not JSON, or is a batch's and not an object.
 */
export function readInputs(text: string, isBatch: boolean): Record<number, unknown> {
  if (text === '') return []
  const input = parse(text)
  if (!isBatch) return [input]
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return { ...input }
  throw new TRPCError({ code: 'BAD_REQUEST', message: '"input" needs to be an object when doing a batch call' })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: (cause as SyntaxError).message, cause })
  }
}
