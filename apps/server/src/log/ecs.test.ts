import { expect, test } from 'vitest'
import { ecsFaults } from '../testing/ecs-fields.js'
import { createLog } from './log.js'

function ecsLines(write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = []
  write(createLog({ level: 'trace', format: 'ecs', stream: { write: (line) => void lines.push(line) } }))
  return lines
}

const fieldsOf = (line: string | undefined) => JSON.parse(line ?? '{}')

test('an error has its type, message, code and stacks, and nothing else that a driver attached to it', () => {
  const cause = Object.assign(new TypeError('the cause'), { row: 'secret-row' })
  const error = Object.assign(new Error('the error', { cause }), {
    code: 23_505,
    detail: 'secret-detail',
    bindings: [1],
  })
  const lines = ecsLines((log) => {
    log.error({ err: error, requestId: 'first' }, 'internal error')
    log.error(error)
    log.error({ err: 'a text' }, 'thrown')
  })
  expect(lines.flatMap(ecsFaults)).toEqual([])
  const [first, second, third] = lines.map(fieldsOf)
  expect(first).toMatchObject({
    message: 'internal error',
    'log.level': 'error',
    'http.request.id': 'first',
    'error.type': 'Error',
    'error.message': 'the error',
    'error.code': '23505',
    'error.stack_trace': expect.stringMatching(/^Error: the error\n(?:.|\n)*\nCaused by: TypeError: the cause\n/),
  })
  expect(second).toMatchObject({ message: 'the error', 'error.code': '23505' })
  expect(third).toMatchObject({ 'error.message': 'a text' })
  expect(lines.join()).not.toMatch(/secret|bindings/)
})

test('fields of our own are labels, lists of texts too, and objects are left out', () => {
  const request = { headers: { authorization: 'secret' } }
  const lines = ecsLines((log) => {
    log.info({ signal: 'SIGTERM', count: 3, isLast: true, nothing: undefined, request, req: request }, 'said')
    log.error({ drifts: ['project 7: totalCost', 'user 1: reserved'], list: [request] }, 'the ledger has drifted')
    log.child({ requestId: 'of-a-child', name: 'x' }).child({ port: 1 }).warn({ message: 'inner' }, 'of a child')
  })
  expect(lines.flatMap(ecsFaults)).toEqual([])
  const [said, drifted, ofChild] = lines.map(fieldsOf)
  expect(said).toMatchObject({ 'labels.signal': 'SIGTERM', 'labels.count': '3', 'labels.isLast': 'true' })
  expect(Object.keys(said).filter((name) => name.startsWith('labels.'))).toHaveLength(3)
  expect(drifted['labels.drifts']).toEqual(['project 7: totalCost', 'user 1: reserved'])
  expect(lines.join()).not.toContain('secret')
  expect(ofChild).toMatchObject({
    'http.request.id': 'of-a-child',
    'labels.name': 'x',
    'labels.port': '1',
    'labels.message': 'inner',
    message: 'of a child',
  })
})

test.each([
  ['127.0.0.1', 'client.ip'],
  ['::1', 'client.ip'],
  ['fe80::1%eth0', 'client.address'],
  ['unknown', 'client.address'],
])('the address %s is %s', (address, field) => {
  const lines = ecsLines((log) => log.info({ address }, 'request'))
  expect(lines.flatMap(ecsFaults)).toEqual([])
  expect(fieldsOf(lines[0])[field]).toBe(address)
})

const GOOD = { '@timestamp': '2026-01-01T00:00:00.000Z', message: 'm', 'log.level': 'info', 'ecs.version': '8.10.0' }

test.each([
  [{ 'own.field': 'x' }, ['own.field is not a field of ECS']],
  [{ requestId: 'x' }, ['requestId is not a field of ECS']],
  [{ 'http.response.status_code': '200' }, ['http.response.status_code is not of the type long']],
  [{ 'client.ip': 'unknown' }, ['client.ip is not of the type ip']],
  [{ 'event.category': 'web' }, ['event.category is not of the type keyword[]']],
  [{ 'event.outcome': 'good' }, ['event.outcome is good']],
  [{ 'labels.count': 3 }, ['labels.count is not text']],
  [{ message: undefined }, ['message is missing']],
])('the check of the schema finds %j', (fields, faults) => {
  expect(ecsFaults(JSON.stringify(GOOD))).toEqual([])
  expect(ecsFaults(JSON.stringify({ ...GOOD, ...fields }))).toEqual(faults)
})

test('the check of the schema finds a field that is there twice, but not its name in a text', () => {
  const line = JSON.stringify({ ...GOOD, 'labels.a': ',"message":' })
  expect(ecsFaults(line)).toEqual([])
  expect(ecsFaults(line.replace('{', '{"message":"first",'))).toEqual(['message is there twice'])
})
