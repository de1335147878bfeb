import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startTestServer, type TestServer } from '@mgx/server/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { mgxHere } from './testing/run-here.js'
import { emptyFolder, mgx } from './testing/run-mgx.js'
import { mgxOnTerminal } from './testing/terminal.js'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const RESTORED = '\u001b[?25h\u001b[?1049l'

let server: TestServer
let env: { MGX_URL: string; MGX_API_KEY: string }
beforeAll(async () => {
  server = await startTestServer()
  env = { MGX_URL: server.url, MGX_API_KEY: server.adminApiKey }
  for (const name of ['A', '贪吃蛇']) await mgxHere(['runs', 'create', '--name', name, '--idea', 'A'], { env })
  await record('1')
})
afterAll(() => server.close())

const record = (run: string) =>
  mgxHere(
    [
      'costs',
      'record',
      run,
      '--model',
      'gpt-4o',
      '--prompt-tokens',
      '1',
      '--completion-tokens',
      '1',
      '--total-cost',
      '0.5',
    ],
    { env },
  )

test('in a pipe results are JSON, errors leave stdout empty, and the exit code is that of the failure', async () => {
  const listed = await mgx(['runs', 'list'], env)
  expect({ code: listed.code, stderr: listed.stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(listed.stdout)).toMatchObject([{ name: '贪吃蛇' }, { name: 'A', totalCost: '0.5' }])
  expect(await mgx(['runs', 'show', '99'], env)).toMatchObject({ code: 3, stdout: '' })
})

test('a reader that has seen enough is no failure', async () => {
  const child = spawn('bash', ['-c', `'${process.execPath}' '${MAIN}' api | head -c 1; echo "\${PIPESTATUS[0]}"`])
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part
  })
  await new Promise((resolve) => child.on('close', resolve))
  expect(text).toBe('[0\n')
})

test('Ctrl-C ends a watch in a pipe with 130, after one line a cost', async () => {
  const child = spawn(process.execPath, [MAIN, 'runs', 'watch', '1', '--last-event-id', '0'], {
    env: { PATH: process.env.PATH, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const line = await new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve))
  expect(JSON.parse(line)).toMatchObject({ record: { projectId: 1, totalCost: '0.5' } })
  child.kill('SIGINT')
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130)
})

test('on a terminal results are a table that fits, with exact money and colours unless NO_COLOR is set', async () => {
  const coloured = mgxOnTerminal(['runs', 'list'], { env, columns: 72 })
  expect(await coloured.exited).toBe(0)
  expect(coloured.screen()).toMatch(/贪吃蛇.*\$3\.00.*\$0\.00/)
  expect(coloured.screen()).toContain('\u001b[1m')
  const plain = mgxOnTerminal(['runs', 'list'], { env: { ...env, NO_COLOR: '1' } })
  expect(await plain.exited).toBe(0)
  expect(plain.screen()).not.toContain('\u001b[')
  expect(plain.screen()).toMatch(/\bnow|sec\. ago/)
})

test('the live view shows the run while it spends, and gives the terminal back on Ctrl-C', async () => {
  const live = mgxOnTerminal(['runs', 'watch', '2'], { env: { ...env, NO_COLOR: '1' } })
  await live.shows('No costs yet.')
  await record('2')
  await live.shows(/spent \$0\.50 {2}▒ held \$0\.00 {2}░ free \$2\.50/)
  await live.shows('$0.50 in the last minute')
  expect(live.screen()).toContain('\u001b[?1049h')
  live.type('\u0003')
  expect(await live.exited).toBe(130)
  expect(live.screen()).toContain(RESTORED)
  expect(live.screen().split(RESTORED)[1]).toContain('贪吃蛇')
})

test('a person who signs in is asked for the key, which is not shown', async () => {
  const folder = emptyFolder()
  const login = mgxOnTerminal(['login', '--url', server.url], { env: { XDG_CONFIG_HOME: folder } })
  await login.shows('API key for')
  login.type(`${server.adminApiKey}\r`)
  expect(await login.exited).toBe(0)
  expect(login.screen()).toContain('Signed in to')
  expect(login.screen()).not.toContain(server.adminApiKey)
})

test('output that cannot be written is an error', async () => {
  const sh = spawn('sh', ['-c', '"$0" "$1" help > /dev/full', process.execPath, MAIN])
  let stderr = ''
  sh.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = await once(sh, 'close')
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'mgx: cannot write the output: ENOSPC\n' })
})

test('a start reads little, so that the help is there at once', () => {
  const read = new Map<string, number>()
  const readWithImports = (file: string) => {
    if (read.has(file)) return
    const text = readFileSync(join(dirname(MAIN), file), 'utf8')
    read.set(file, text.length)
    for (const [, imported = ''] of text.matchAll(/(?:\bfrom|^import) *"\.\/([^"]+)"/gm)) readWithImports(imported)
  }
  readWithImports('main.js')
  expect(read.size).toBeGreaterThan(1)
  const all = [...read.values()].reduce((sum, size) => sum + size)
  expect(all).toBeLessThan(256 * 1024)
})
