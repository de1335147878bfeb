import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { emptyFolder, runServer, startServer } from '../testing/server-process.js'

const START = fileURLToPath(new URL('../../../../scripts/start.mjs', import.meta.url))

/** Both ways to start the server. The first must read the options before it begins to install. */
const programs = {
  'npm start': (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [START, ...args], (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), stdout, stderr })
      })
    }),
  'the server': (...args: string[]) => runServer(emptyFolder(), {}, ...args),
}

describe.each(Object.entries(programs))('%s', (_name, run) => {
  test('--help: prints the options, exit code 0', async () => {
    for (const word of ['--help', '-h']) {
      const exit = await run(word)
      expect(exit).toMatchObject({ code: 0, stderr: '' })
      expect(exit.stdout).toMatch(/^Usage: npm start -- \[options\]\n/)
      for (const option of ['--port', '--host', '--database', '--help']) expect(exit.stdout).toContain(option)
    }
  })

  test.each([
    [['--prot', '3211'], "Unknown option '--prot'."],
    [['-p', '3211'], "Unknown option '-p'."],
    [['--port'], "Option '--port <value>' argument missing."],
    [['--port', '--host', 'localhost'], "Option '--port' argument is ambiguous."],
    [['3211'], "Unexpected argument '3211'. Options of npm start come after `--`."],
  ])('%j is refused with a word about it and the usage, and 2', async (args, problem) => {
    const { code, stdout, stderr } = await run(...args)
    expect(stderr.split('\n')[0]).toBe(problem)
    expect(stderr).toContain('\nUsage: npm start -- [options]\n')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

test('an option wins over the environment', async () => {
  const env = { HOST: 'no-such-host.invalid', PORT: '1', DATABASE_URL: 'sqlite:/no/such/folder/mgx.db' }
  const { url } = await startServer(
    emptyFolder(),
    env,
    '--host',
    'localhost',
    '--port=0',
    '--database',
    'sqlite::memory:',
  )
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
})

test('an invalid value is reported under the name of its option', async () => {
  const { code, stderr } = await runServer(
    emptyFolder(),
    { PORT: '1' },
    '--port',
    '3211x',
    '--database=',
    '--host',
    'a b',
  )
  expect(stderr.trimEnd().split('\n').toSorted()).toEqual([
    '--database: must begin with sqlite:, postgres:// or postgresql://',
    '--host: must be a host name or an address',
    '--port: must be a whole number from 0 to 65535',
  ])
  expect(code).toBe(1)
})
