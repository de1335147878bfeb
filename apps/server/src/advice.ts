import { contractHash } from '@mgx/api'
import type { Life } from './phase.js'

/** Headers of every answer: which contract the server has, and what its caller, and what lies between, should do next. */
export function adviceFor(status: number, { phase }: Life): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'x-mgx-contract': contractHash,
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...((status === 503 || status === 429) && { 'retry-after': '1' }),
    ...(phase === 'draining' && { connection: 'close' }),
  }
}
