import { contractHash } from './generated/contract-hash.js'

/**
 * Returns the headers of every response with this status: the contract hash, that its type is not to be guessed, and how to
 * authenticate or when to retry.
 */
export function responseHeaders(status: number): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'x-mgx-contract': contractHash,
    'x-content-type-options': 'nosniff',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...((status === 503 || status === 429) && { 'retry-after': '1' }),
  }
}
