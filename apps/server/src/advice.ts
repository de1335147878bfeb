import type { Life } from './phase.js'

/** Headers of every answer that tell its caller, and what lies between, what to do next. */
export function adviceFor(status: number, { phase }: Life): Record<string, string> {
  return {
    'cache-control': 'no-store',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(status === 503 && { 'retry-after': '1' }),
    ...(phase === 'draining' && { connection: 'close' }),
  }
}
