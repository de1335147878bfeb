import { contractHash } from './generated/contract-hash.js'

/** The headers that an answer of this status has whoever sends it: whose contract it is, and what the caller may do next. */
export function responseHeaders(status: number): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'x-mgx-contract': contractHash,
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...((status === 503 || status === 429) && { 'retry-after': '1' }),
  }
}
