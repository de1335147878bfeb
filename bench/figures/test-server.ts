import { createTestServer } from '../../packages/testing/src/index.js'
import type { MeasureFigures } from '../figure.js'
import { inTurn, median } from '../load.js'

const SERVERS = 50
const LIMIT_MILLISECONDS = 10

/** Measures the start of a server of `@mgx/testing`, which brings its own database, against its time limit. */
export const measureTestServer: MeasureFigures = async ({ name }) => {
  if (name !== 'sqlite') return []
  const measured = await inTurn(SERVERS, start, async () => LIMIT_MILLISECONDS)
  const milliseconds = median(measured.ours)
  return [
    {
      database: name,
      work: 'a server in memory for a test, after the first of the process',
      measured: `${milliseconds.toFixed(1)} ms`,
      beside: `at most ${LIMIT_MILLISECONDS} ms`,
      ratio: milliseconds / LIMIT_MILLISECONDS,
      least: 1,
      goal: 0.5,
      isCeiling: true,
    },
  ]
}

/** Starts and closes a server; returns the milliseconds that the start took. */
async function start(): Promise<number> {
  const begin = performance.now()
  const server = await createTestServer()
  const milliseconds = performance.now() - begin
  await server.close()
  return milliseconds
}
