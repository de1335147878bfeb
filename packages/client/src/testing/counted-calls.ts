import { createMgxClient, type MgxClient } from '../index.js'
import type { Server } from './describe-servers.js'

/** Creates a client of the server's admin that keeps when it called each procedure, by `performance.now()`. */
export function countedCalls(server: Server): { mgx: MgxClient; timesOf: (procedure: string) => number[] } {
  const calls: { path: string; time: number }[] = []
  const mgx = createMgxClient({
    ...server,
    onRequest: ({ paths }) => calls.push(...paths.map((path) => ({ path, time: performance.now() }))),
  })
  return {
    mgx,
    timesOf: (procedure) => calls.flatMap(({ path, time }) => (path === procedure ? [time] : [])),
  }
}
