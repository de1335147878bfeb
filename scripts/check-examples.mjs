// `check:examples`: installs every example with npm as its README says, but in a folder outside the repository, and runs
// it against the server that `npm start` starts.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressOf, launchServer } from '../apps/server/src/testing/launch-server.mjs'

/**
 * The npm scripts to run in each example, and what each must print. `OPENAI_BASE_URL` is cleared, so that no check pays
 * for model calls.
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
const server = startServer()

try {
  const variables = { MGX_URL: await addressOf(server), MGX_API_KEY: apiKey, OPENAI_BASE_URL: '', NO_COLOR: '1' }
  npm('.', 'run', 'pack:client', '--', clientFile)
  for (const [name, scripts] of Object.entries(examples)) {
    const start = performance.now()
    checkCommands(name)
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
  server.child.kill()
  await server.exited
  rmSync(folder, { recursive: true })
}

/**
 * Checks that the README of an example begins with the commands that are run here.
 * @param {string} name
 */
function checkCommands(name) {
  const readme = readFileSync(`examples/${name}/README.md`, 'utf8')
  const [, block = ''] = /^```sh\n(.*?)^```/ms.exec(readme) ?? []
  const commands = [
    `npm run pack:client -- examples/${name}/mgx-client.tgz`,
    `cd examples/${name}`,
    'npm install',
    'npm start',
  ]
  const lines = block.split('\n').map((line) => line.replace(/\s+#.*/, ''))
  const other = commands.find((command, index) => lines[index] !== command)
  if (other) throw new Error(`examples/${name}/README.md: its commands must begin with ${commands.join('; ')}`)
}

/**
 * Runs npm to completion; prints and returns its output.
 * @param {string} cwd
 * @param {...(string | Record<string, string>)} words arguments and, last, environment variables
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

/** Runs `npm start` on a free port and a new database, regardless of the environment and `.env`. */
function startServer() {
  const env = {
    ...process.env,
    NODE_ENV: 'development',
    DATABASE_URL: `sqlite:${join(folder, 'mgx.db')}`,
    MGX_ADMIN_API_KEY: apiKey,
    MGX_SECRET: randomBytes(32).toString('hex'),
    MGX_SEED: 'true',
    LOG_FORMAT: 'json',
  }
  return launchServer(['npm', 'start', '--silent', '--', '--port', '0'], { cwd: '.', env })
}
