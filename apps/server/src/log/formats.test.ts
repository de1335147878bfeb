import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { LogFormat } from '../config.js'
import { ecsFaults, ecsFields } from '../testing/ecs-fields.js'
import { accessLog } from './access-line.js'
import { createLog } from './log.js'

const DOCUMENT = readFileSync(fileURLToPath(new URL('../../../../docs/logs.md', import.meta.url)), 'utf8')

/** Returns the line of a format for the same request, with what differs from one run to the next made the same. */
async function sampleOf(format: LogFormat): Promise<string> {
  const stream = new PassThrough()
  const log = createLog({ level: 'info', format, stream })
  const context = {
    calls: [{ path: 'costs.record', reason: 'unknown_model', milliseconds: 1.8 } as const],
    trace: { id: '0af7651916cd43dd8448eb211c80319c', begin: () => undefined },
    knownActor: () =>
      ({
        userId: 1,
        role: 'member',
        credential: { kind: 'apiKey', apiKeyId: 7 },
        scope: 'write',
        projectId: null,
        callsPerMinute: null,
      }) as const,
  }
  const headers = { 'x-mgx-client': '0.3.1/6f1c0d2e' }
  accessLog(log, 1)(
    { method: 'POST', url: '/trpc/costs.record?secret', headers },
    { requestId: 'run-17', status: 400, milliseconds: 2.13, address: '10.0.0.9', context, refusal: undefined },
  )
  const [line] = await once(stream, 'data')
  return stripVTControlCharacters(String(line))
    .trim()
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, '2026-01-31T12:00:00.000Z')
    .replace(/^\[[\d:]+\]/, '[12:00:00]')
    .replace(/("(?:process\.)?pid":)\d+/, '$14711')
    .replace(/("(?:host\.)?hostname":)"[^"]*"/, '$1"ledger-1"')
    .replace(/("service\.version":)"[^"]*"/, '$1"0.1.0"')
}

const documented = (format: string) =>
  new RegExp(`\`LOG_FORMAT=${format}\`[^\`]*\`\`\`\\w+\\n([^\`]*)\`\`\``).exec(DOCUMENT)?.[1]?.trim()

test.each(['json', 'ecs', 'pretty'] as const)(
  'docs/logs.md has a line as %s that the server writes',
  async (format) => {
    expect(documented(format)).toBe(await sampleOf(format))
  },
)

test.each(['json', 'ecs', 'pretty'] as const)(
  'a line as %s has nothing that drivers attach to errors',
  async (format) => {
    const stream = new PassThrough()
    const log = createLog({ level: 'trace', format, stream })
    const attached = { detail: 'secret', bindings: ['secret'], row: { apiKey: 'secret' } }
    const cause = Object.assign(new Error('the cause'), attached)
    log.error({ err: Object.assign(new Error('the error', { cause }), attached), requestId: 'a' }, 'internal error')
    const [line] = await once(stream, 'data')
    expect(String(line)).toContain('the error')
    expect(String(line)).toContain('the cause')
    expect(String(line)).not.toMatch(/secret|bindings/)
  },
)

test('docs/logs.md lists the fields of ECS that the server writes', async () => {
  const listed = new Set([...DOCUMENT.matchAll(/`([@\w.]+)`/g)].map(([, name]) => name))
  expect(Object.keys(ecsFields).filter((name) => !listed.has(name))).toEqual([])
  expect(ecsFaults(await sampleOf('ecs'))).toEqual([])
})
