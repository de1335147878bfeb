import { responseHeaders } from '@mgx/api'
import type { Life } from '../process/lifecycle.js'

/** Headers of every answer. While the server shuts down, callers are also told to open another connection. */
export function adviceFor(status: number, { phase }: Life): Record<string, string> {
  return { ...responseHeaders(status), ...(phase === 'draining' && { connection: 'close' }) }
}
