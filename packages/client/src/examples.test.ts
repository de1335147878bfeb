import { readFileSync } from 'node:fs'
import { procedures } from '@mgx/api'
import { startTestServer } from '@mgx/server/testing'
import { expect, onTestFinished, test } from 'vitest'
import { examplesIn } from '../publishing/examples.js'
import { createMgxClient, MgxError } from './index.js'

const examples = examplesIn(readFileSync(new URL('generated/methods.ts', import.meta.url), 'utf8'))

/** Expected rejections: of the only admin, by an earlier example that closed the reservation, of a token that is not real. */
const refused = {
  'users.deactivate': 'conflict',
  'budgets.release': 'reservation_closed',
  'budgets.extend': 'reservation_closed',
  'sessions.verify': 'not_found',
}

test('every method has an example', () => {
  expect(examples.map(({ path }) => path)).toEqual([...procedures.keys()])
})

test('the examples run one after the other', async () => {
  const server = await startTestServer()
  onTestFinished(server.close)
  const mgx = createMgxClient({ url: server.url, apiKey: server.adminApiKey })
  const enough = new Error('one row is enough')
  const console = {
    log() {
      throw enough
    },
  }
  const refusals: Record<string, string> = {}
  for (const { path, code } of examples) {
    const example: () => Promise<void> = new Function('mgx', 'console', `return async () => { ${code} }`)(mgx, console)
    await example().catch((error: unknown) => {
      if (error === enough) return
      if (!(error instanceof MgxError)) throw new Error(`${path}: ${error}`)
      refusals[path] = error.reason
    })
  }
  expect(refusals).toEqual(refused)
})
