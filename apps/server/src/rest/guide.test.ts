import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startTestServer } from '../testing.js'

const run = promisify(execFile)
const guide = readFileSync(new URL('../../../../docs/rest.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code = '']) => code)

test('what the guide shows does what it says', async () => {
  const server = await startTestServer()
  // Answers have no line end of their own.
  const script = blocks('sh')
    .join('')
    .replaceAll('curl ', 'curl -w "\\n" ')
    .replace('http://127.0.0.1:3210', server.url)
  const { stdout } = await run('bash', ['-euc', script], { env: { ...process.env, MGX_API_KEY: server.adminApiKey } })
  await server.close()
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const [made, listed, recorded, again, total, held, settled, moved, spend, refused] = answers
  expect(answers).toHaveLength(10)
  expect(made).toMatchObject({ id: 1, name: 'Snake', investment: '3', status: 'pending' })
  expect(listed).toEqual({ items: [made], nextCursor: null })
  expect(recorded).toMatchObject({ record: { totalCost: '0.025' }, budget: { spent: '0.025', exceeded: false } })
  expect(again).toEqual(recorded)
  expect(total).toMatchObject({ records: 1, totalCost: '0.025' })
  expect(held).toMatchObject({ reservation: { id: 1, amount: '0.5', status: 'held' } })
  expect(settled).toMatchObject({ record: { totalCost: '0.3' }, budget: { spent: '0.325', reserved: '0' } })
  expect(moved).toMatchObject({ status: 'running' })
  expect(spend.items).toHaveLength(2)
  const [shown = ''] = blocks('json')
  const anyText = (_: string, value: unknown) => (value === '…' ? expect.stringMatching(/\w/) : value)
  expect(refused).toEqual(JSON.parse(shown, anyText))
})
