import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestServer, type TestServer } from '@mgx/server/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leavesOf } from '../command.js'
import { tree } from '../program/command-tree.js'
import { type Given, mgxHere } from '../testing/run-here.js'

let server: TestServer
let folder: string
let env: Record<string, string>
/** The commands that were run, so that none is left out. */
const seen = new Set<string>()

beforeAll(async () => {
  server = await startTestServer()
  folder = mkdtempSync(join(tmpdir(), 'mgx-cli-'))
  env = { MGX_URL: server.url, MGX_API_KEY: server.adminApiKey, XDG_CONFIG_HOME: folder }
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

async function mgx(line: string, given: Given = {}) {
  const args = line.match(/'[^']*'|\S+/g)?.map((word) => word.replace(/^'(.*)'$/, '$1')) ?? []
  for (const path of leavesOf(tree).keys()) if (`${line} `.startsWith(`${path} `)) seen.add(path)
  return mgxHere(args, { ...given, env: { ...env, ...given.env } })
}

/** Runs a command that must succeed and say nothing, and returns its JSON. */
async function json(line: string, given: Given = {}) {
  const { code, stdout, stderr } = await mgx(line, given)
  expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: expect.not.stringContaining('mgx:') })
  return JSON.parse(stdout)
}

test('runs: create, start, spend, raise, complete', async () => {
  const run = await json("runs create --name 贪吃蛇 --idea 'A snake game' --investment 3")
  expect(run).toMatchObject({ id: 1, name: '贪吃蛇', status: 'pending', investment: '3' })
  expect(await json('runs start 1')).toMatchObject({ status: 'running' })
  expect(await json('runs list --status running')).toMatchObject([{ id: 1 }])
  const recorded = await json(
    'costs record 1 --model gpt-4o --prompt-tokens 1000 --completion-tokens 500 --action-type code',
  )
  expect(recorded).toMatchObject({ record: { id: 1, totalCost: '0.0075' }, budget: { spent: '0.0075' } })
  const used = `'{"model":"gpt-4o","usage":{"prompt_tokens":1000,"completion_tokens":500}}'`
  expect(await json(`costs record-usage 1 --provider openai --response ${used}`)).toMatchObject({
    record: { totalCost: '0.0075', usageSource: 'provider' },
  })
  expect(await json('costs list 1 --fields id,totalCost')).toEqual([
    { id: 2, totalCost: '0.0075' },
    { id: 1, totalCost: '0.0075' },
  ])
  expect(await json('costs show 2')).toMatchObject({ id: 2, usageSource: 'provider' })
  expect(await json('costs total 1')).toMatchObject({ totalCost: '0.015', records: 2 })
  expect(await json("costs adjust 1 --total-cost 0.5 --reason 'A tool that was paid apart'")).toMatchObject({
    record: { totalCost: '0.485' },
  })
  expect(await json('runs raise 1 5.25')).toMatchObject({ investment: '5.25' })
  expect(await json('runs update 1 --description null')).toMatchObject({ description: null })
  expect(await json('runs show 1')).toMatchObject({ totalCost: '0.5' })
  expect(await json('runs complete 1')).toMatchObject({ status: 'completed' })
  await json('runs create --name B --idea B')
  expect(await json("runs fail 2 --error 'No network'")).toMatchObject({ status: 'failed', error: 'No network' })
})

test('budget: hold, extend, settle, release', async () => {
  await json('runs create --name C --idea C --investment 1')
  expect(await json('budget reserve 3 0.05')).toMatchObject({ reservation: { id: 1 }, budget: { reserved: '0.05' } })
  expect(await json('budget extend 1 600')).toMatchObject({ reservation: { status: 'held' } })
  expect(await json('budget settle 1 --model gpt-4o --prompt-tokens 1000 --completion-tokens 500')).toMatchObject({
    record: { totalCost: '0.0075' },
    overrun: false,
  })
  await json('budget reserve 3 --model gpt-4o --max-prompt-tokens 100 --max-completion-tokens 100 --no-cache-writes')
  expect(await json('budget release 2')).toMatchObject({ reservation: { status: 'released' } })
  expect(await json('budget holds 3')).toMatchObject([
    { id: 2, status: 'released' },
    { id: 1, status: 'settled', costRecordId: expect.any(Number) },
  ])
  expect(await json('budget holds 3 --status held')).toEqual([])
  expect(await json('budget show 3')).toMatchObject({ spent: '0.0075', reserved: '0', remaining: '0.9925' })
})

test('keys and users', async () => {
  expect(await json('users create --username ada --email ada@example.com')).toMatchObject({ user: { id: 2 } })
  expect(await json('users update 2 --spending-limit 10')).toMatchObject({ spendingLimit: '10' })
  expect(await json('users update 2 --spending-limit null')).toMatchObject({ spendingLimit: null })
  expect(await json('users show 2')).toEqual(await json('users find ADA'))
  expect(await json('users list --fields username')).toEqual([{ username: 'ada' }, { username: 'admin' }])
  const { apiKey } = await json(
    "keys create --name 'night runs' --scopes read,record --user-id 2 --expires-at 2099-01-01",
  )
  expect(apiKey).toMatchObject({ scopes: ['read', 'record'], expiresAt: '2099-01-01T00:00:00.000Z' })
  const rotated = await json(`keys rotate ${apiKey.id} --overlap-seconds 60`)
  expect(rotated.key).toMatch(/^mgx_key_/)
  expect(await json(`keys revoke ${rotated.apiKey.id} --yes`)).toMatchObject({ revokedAt: expect.any(String) })
  expect(await json('keys list --user-id 2')).toHaveLength(3)
  expect(await json('users deactivate 2 --yes')).toMatchObject({ deactivatedAt: expect.any(String) })
  expect(await json('users reactivate 2')).toMatchObject({ deactivatedAt: null })
})

test('prices and reports', async () => {
  await json('prices set --model my-own --input-price 2.5 --output-price 10')
  expect(await json('prices list --model my-own')).toMatchObject([{ inputPrice: '2.5' }])
  expect(await json('prices quote --model my-own --prompt-tokens 1000000 --completion-tokens 0')).toMatchObject({
    totalCost: '2.5',
  })
  await mgx('costs record 3 --model nobody-knows-it --prompt-tokens 1 --completion-tokens 1')
  expect(await json('prices models --search claude --limit 1')).toMatchObject([{ override: null }])
  expect(await json('prices unknown')).toMatchObject([{ model: 'nobody-knows-it' }])
  expect(await json('prices reprice --from 2026-01-01 --dry-run')).toMatchObject({ difference: '0' })
  expect(await json('spend --by model,project')).toEqual(
    expect.arrayContaining([expect.objectContaining({ model: 'gpt-4o', projectId: 3, totalCost: '0.0075' })]),
  )
  expect(await json('audit --action prices.set')).toMatchObject([{ subject: 'model:my-own' }])
  expect(await json('verify')).toMatchObject({ ok: true, drifts: [] })
  await json('prices set --model gpt-4o --input-price 1 --output-price 1 --effective-from 2020-01-01')
  const part = await mgx('prices reprice --from 2026-01-01 --dry-run --limit 1')
  expect(part).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^This was one part\. The next one: --cursor \S+\n$/),
  })
})

test('streams print one object a line', async () => {
  const line = (text: string) => text.endsWith('\n')
  for (const command of ['costs watch 3 --last-event-id 0', 'runs watch 3 --last-event-id 0 --output json']) {
    const { code, stdout } = await mgx(command, { interruptWhen: line })
    expect(code).toBe(130)
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ record: { projectId: 3 }, budget: { limit: '1' } })
  }
  const ended = await mgx('runs watch 1 --last-event-id 0')
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: 'Run 1 has completed.\n' })
  expect(ended.stdout.trim().split('\n')).toHaveLength(3)
})

test('exports and lists all pages', async () => {
  const records = Array.from({ length: 450 }, () => ({
    projectId: 3,
    model: 'x',
    promptTokens: 1,
    completionTokens: 1,
    totalCost: '0.0001',
  }))
  const file = join(folder, 'records.json')
  writeFileSync(file, JSON.stringify({ records }))
  expect((await json(`api costs.recordMany @${file}`)).results).toHaveLength(450)
  const { stdout } = await mgx('costs export 3 --output csv')
  const lines = stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(452)
  expect(lines[0]).toMatch(/^id,projectId,model,.*,totalCost,/)
  expect((await mgx('costs export 3 --output ndjson --model x')).stdout.trimEnd().split('\n')).toHaveLength(450)
  const fifty = await mgx('costs list 3')
  expect(JSON.parse(fifty.stdout)).toHaveLength(50)
  expect(fifty.stderr).toMatch(/^More rows follow: --all prints all, --cursor \S+ the next ones\.\n$/)
  const cursor = /--cursor (\S+)/.exec(fifty.stderr)?.[1]
  expect((await json(`costs list 3 --limit 210 --cursor ${cursor}`)).length).toBe(210)
  expect(await json('costs list 3 --all')).toHaveLength(451)
  const progress = await mgx('costs export 3 --output csv', { terminal: { columns: 80, rows: 24 } })
  expect(progress.stderr).toContain('451 of 451 records')
})

test('api reaches every procedure, also as rows', async () => {
  expect(await json('api system.health')).toMatchObject({ status: 'ok' })
  expect(await json('api projects.list', {})).toMatchObject({
    items: [{ id: 3 }, { id: 2 }, { id: 1 }],
    nextCursor: null,
  })
  expect((await mgx(`api projects.get -`, { stdin: '{"id":3}' })).stdout).toContain('"name": "C"')
  expect((await mgx('api projects.list --output csv --fields id,name')).stdout).toBe('id,name\n3,C\n2,B\n1,贪吃蛇\n')
  expect(await json('api')).toContainEqual(expect.objectContaining({ procedure: 'projects.list', authority: 'read' }))
})

test('who am I, and is all well', async () => {
  expect(await json('whoami')).toMatchObject({ username: 'admin', role: 'admin' })
  const checks: { check: string; status: string }[] = await json('doctor')
  expect(checks.map(({ check, status }) => `${check} ${status}`)).toEqual(
    ['server', 'version', 'contract', 'clock', 'database', 'key', 'books'].map((check) => `${check} ok`),
  )
  await mgx('logout')
  await mgx('profiles')
  const { stdout } = await mgx('completion fish')
  expect(stdout).toContain('complete -c mgx')
  expect((await mgx('login', { stdin: server.adminApiKey })).code).toBe(0)
})

test('a terminal shows lists in results as tables, such as how a price came about and what does not balance', async () => {
  const terminal = { columns: 100, rows: 24 }
  const quote = await mgx('prices quote --model my-own --prompt-tokens 1000 --completion-tokens 100', { terminal })
  expect(quote.stdout).toMatch(/total cost +.*\$0\.0035\n[\s\S]*input +1,000 +\$2\.50 +\$0\.0025\n/)
  await server.services.db('users').where({ username: 'admin' }).update({ reserved: 1_500_000_000 })
  const drift = await mgx('verify', { terminal })
  expect(drift).toMatchObject({ code: 1, stderr: 'The books do not balance: 1 figure is wrong.\n' })
  expect(drift.stdout).toMatch(/user 1: reserved +\S+ +1\.5 +1\.5/)
  expect((await mgx('doctor')).code).toBe(1)
  await server.services.db('users').update({ reserved: 0 })
})

test('all commands but those on the database were run', () => {
  const others = [...leavesOf(tree).keys()].filter((path) => !/^db |rotate-signing$/.test(path))
  expect(others.filter((path) => !seen.has(path))).toEqual([])
})
