// `check:example`: installs the example in a folder outside of the repository, with the client's package file and npm, and
// replays its runs against a server of its own.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'mgx-example-'))
const example = join(folder, 'software-company')
const apiKey = randomBytes(24).toString('hex')
/** @type {import('node:child_process').ChildProcess | undefined} */
let server

try {
  cpSync('examples/software-company', example, { recursive: true, filter: (path) => !path.includes('node_modules') })
  run('.', 'npm', 'run', 'pack:client', '--', join(example, 'mgx-client.tgz'))
  run(example, 'npm', 'install', '--no-audit', '--no-fund')
  run(example, 'npm', 'run', 'check')
  const url = await startServer()
  const output = run(example, 'npm', 'start', { MGX_URL: url, MGX_API_KEY: apiKey })
  if (!output.includes('13 runs agree to the nano-dollar'))
    throw new Error('the example did not say that its runs agree')
} finally {
  server?.kill()
  rmSync(folder, { recursive: true })
}

/**
 * Runs a command to its end; its output.
 * @param {string} cwd
 * @param {...(string | Record<string, string>)} words the command, its arguments and, last, variables for it
 */
function run(cwd, ...words) {
  const variables = typeof words.at(-1) === 'object' ? words.pop() : {}
  const [command, ...args] = /** @type {[string, ...string[]]} */ (words)
  const env = { ...process.env, .../** @type {Record<string, string>} */ (variables) }
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  console.log(stdout)
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`)
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
  server = spawn(process.execPath, ['apps/server/dist/main.js'], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  for await (const chunk of server.stdout ?? []) {
    printed += chunk
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0]
    if (address) return address
  }
  throw new Error(`the server ended before it served:\n${printed}`)
}
