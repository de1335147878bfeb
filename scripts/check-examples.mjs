// `check:examples`: installs every example in a folder outside of the repository, with the client's package file and npm,
// and runs it against one server.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * The examples: which of their npm scripts are run, and what each must print. An `OPENAI_BASE_URL` of the caller is not
 * handed on, so that no check pays for model calls.
 *
 * @type {Record<string, Record<string, string>>}
 */
const examples = {
  'software-company': { check: '', start: '13 runs agree to the nano-dollar' },
  'budgeted-service': { check: '', start: 'never past the budget' },
  'spend-tool': { check: '', start: 'gpt-4o-mini', test: 'pass 3' },
  'react-page': { check: '', build: 'built in', test: '2 passed' },
}

const folder = mkdtempSync(join(tmpdir(), 'mgx-examples-'))
const clientFile = join(folder, 'mgx-client.tgz')
const apiKey = randomBytes(24).toString('hex')
/** @type {import('node:child_process').ChildProcess | undefined} */
let server

try {
  npm('.', 'run', 'pack:client', '--', clientFile)
  const variables = { MGX_URL: await startServer(), MGX_API_KEY: apiKey, OPENAI_BASE_URL: '', NO_COLOR: '1' }
  for (const [name, scripts] of Object.entries(examples)) {
    const start = performance.now()
    const example = join(folder, name)
    cpSync(`examples/${name}`, example, { recursive: true, filter: (path) => !/node_modules|dist$/.test(path) })
    copyFileSync(clientFile, join(example, 'mgx-client.tgz'))
    npm(example, 'install', '--no-audit', '--no-fund', '--prefer-offline')
    for (const [script, words] of Object.entries(scripts)) {
      const output = npm(example, 'run', script, variables)
      if (!output.includes(words)) throw new Error(`${name}: npm run ${script} did not print "${words}"`)
    }
    console.log(`== ${name}: ${Math.round((performance.now() - start) / 1_000)} s\n`)
  }
} finally {
  server?.kill()
  // The server may still be closing its database.
  rmSync(folder, { recursive: true, maxRetries: 5 })
}

/**
 * Runs npm to its end; its output, which is printed too.
 * @param {string} cwd
 * @param {...(string | Record<string, string>)} words arguments and, last, variables for it
 */
function npm(cwd, ...words) {
  const variables = typeof words.at(-1) === 'object' ? words.pop() : {}
  const args = /** @type {string[]} */ (words)
  const env = { ...process.env, .../** @type {Record<string, string>} */ (variables) }
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, env, encoding: 'utf8' })
  console.log(stdout)
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${stderr}`)
  return stdout
}

/** Starts the built server on a free port and a new database; its address once it serves. */
async function startServer() {
  const variables = {
    DATABASE_URL: `sqlite:${join(folder, 'mgx.db')}`,
    PORT: '0',
    MGX_ADMIN_API_KEY: apiKey,
    MGX_SECRET: randomBytes(32).toString('hex'),
  }
  // Into a file: nobody reads a pipe while npm runs.
  const logFile = join(folder, 'server.log')
  server = spawn(process.execPath, ['apps/server/dist/main.js'], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', openSync(logFile, 'w'), 'inherit'],
  })
  while (server.exitCode === null) {
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(readFileSync(logFile, 'utf8'))?.[0]
    if (address) return address
    await pause(100)
  }
  throw new Error(`the server ended before it served:\n${readFileSync(logFile, 'utf8')}`)
}
