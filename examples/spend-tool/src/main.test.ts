import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { createMgxClient, type MgxClient } from '@mgx/client'

const { MGX_URL: url = 'http://127.0.0.1:3210', MGX_API_KEY: apiKey = '' } = process.env
const mgx: MgxClient = createMgxClient({ url, apiKey })
const usage = { promptTokens: 1, completionTokens: 1 }
const options = { timeout: 30_000 }

test('the table goes past the first page, and its total is exact', options, async ({ signal }) => {
  const { id: projectId } = await mgx.projects.create({ name: 'Many models', idea: 'More than a page' })
  const models = Array.from({ length: 201 }, (_, number) => `model-${number}`)
  await mgx.costs.recordMany({ records: models.map((model) => ({ projectId, model, ...usage, totalCost: '0.1' })) })
  const tool = start(signal, '--follow', String(projectId))
  await tool.printed(/following/)
  assert.equal(tool.output().match(/ {2}model-\d+ /g)?.length, 201)
  assert.match(tool.output(), /^total +201 +\$20\.100000000$/m)
  await tool.interrupt()
})

test('follows costs as they come, and goes on after the last one that it printed', options, async ({ signal }) => {
  const { id: projectId } = await mgx.projects.create({ name: 'Live', idea: 'Costs as they come' })
  const record = async (totalCost: string) => {
    const { record } = await mgx.costs.record({ projectId, model: 'live-model', ...usage, totalCost })
    return record.id
  }
  await record('0.5')
  const first = start(signal, '--follow', String(projectId))
  await first.printed(/following/)
  const seen = [await record('0.25'), await record('0.000000001')]
  await first.printed(/\$0\.000000001/)
  await first.interrupt()
  assert.deepEqual(first.ids(), seen)
  assert.match(first.output(), /^\d+ .*live-model {2}\$0\.250000000 {2}\$2\.\d+ left$/m)

  const missed = await record('0.125')
  const [, resume = ''] = /npm start -- (.*)/.exec(first.output()) ?? []
  const second = start(signal, ...resume.split(' '))
  await second.printed(/\$0\.125000000 /)
  const live = await record('0.0625')
  await second.printed(/\$0\.062500000 /)
  await second.interrupt()
  assert.deepEqual(second.ids(), [missed, live])
})

test('says what is wrong with its arguments', options, async ({ signal }) => {
  const tool = start(signal, '--follow', 'snake')
  assert.equal(await tool.ended, 1)
  assert.match(tool.output(), /--follow must be an id, not "snake"/)
})

/** Starts the tool in its own process, which ends with the test, and returns ways to read its output and to press Ctrl-C. */
function start(signal: AbortSignal, ...args: string[]) {
  const tool = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...args], { signal })
  tool.on('error', () => undefined)
  let output = ''
  for (const stream of [tool.stdout, tool.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  const ended = once(tool, 'close').then(([code]) => code as number)
  return {
    ended,
    output: () => output,
    ids: () => Array.from(output.matchAll(/^(\d+) {2}\d{4}-/gm), ([, id]) => Number(id)),
    async printed(pattern: RegExp) {
      while (!pattern.test(output)) {
        const next = await Promise.race([once(tool.stdout, 'data'), ended])
        if (typeof next === 'number') assert.match(output, pattern)
      }
    },
    async interrupt() {
      tool.kill('SIGINT')
      assert.equal(await ended, 0, output)
    },
  }
}
