// Brings a clone to a state that runs: dependencies installed, packages built. `node scripts/prepare.mjs` does just that;
// start.mjs and test.mjs import it first. Node built-ins only, as this runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { packageManager, engines } = JSON.parse(readFileSync('package.json', 'utf8'))

const needed = engines.node.replace('>=', '')
if (process.versions.node.localeCompare(needed, 'en', { numeric: true }) < 0) {
  console.error(`MGX needs Node ${needed} or newer; this is Node ${process.versions.node}.`)
  process.exit(1)
}

const stamp = 'node_modules/.mgx-installed'
const wanted = installFingerprint()
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  console.error(`Installing dependencies with ${packageManager} (a first install compiles SQLite: a minute or two) …`)
  pnpm('install', '--frozen-lockfile')
  writeFileSync(stamp, wanted)
}

console.error('Building …')
pnpm('exec', 'turbo', 'run', 'build')

/** What an installation depends on: the lockfile, the workspace, every package.json, and the ABI of native modules. */
function installFingerprint() {
  const folders = ['packages', 'apps'].flatMap((parent) => readdirSync(parent).map((name) => `${parent}/${name}`))
  const manifests = ['.', ...folders].map((folder) => `${folder}/package.json`).filter((file) => existsSync(file))
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests])
    hash.update(file).update(readFileSync(file))
  return hash.digest('hex')
}

/**
 * Runs the pinned pnpm through npx, in silence; its output is shown when it fails, which ends this process with 1.
 * NODE_ENV is taken away since building needs the devDependencies; CI stops pnpm from asking questions.
 *
 * @param {string[]} args
 */
function pnpm(...args) {
  const env = { ...process.env, CI: 'true', NODE_ENV: '', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  const npx = { command: 'npx', args: ['--yes', packageManager, ...args] }
  const result = spawnSync(npx.command, npx.args, {
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    maxBuffer: 2 ** 28,
  })
  if (result.status === 0) return
  console.error(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  console.error(`Failed: npx ${npx.args.join(' ')}${result.error ? ` (${result.error.message})` : ''}`)
  process.exit(1)
}
