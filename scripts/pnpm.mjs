// `npm run pnpm -- <arguments>`: the pnpm that package.json pins, through npx, so that only Node with npm has to be there.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const manifest = new URL('../package.json', import.meta.url)
const { packageManager } = JSON.parse(readFileSync(manifest, 'utf8'))

/**
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} options
 */
function run(args, options) {
  return spawnSync('npx', ['--yes', packageManager, ...args], { shell: process.platform === 'win32', ...options })
}

/**
 * Says what pnpm is run for and runs it in silence; its output is shown when it fails, which ends this process with 1.
 * NODE_ENV is taken away since building needs the devDependencies; CI stops pnpm from asking questions.
 *
 * @param {string} words
 * @param {string[]} args
 */
export function pnpm(words, ...args) {
  console.error(words)
  const env = { ...process.env, CI: 'true', NODE_ENV: '', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  const result = run(args, { env, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (result.status === 0) return
  console.error(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  console.error(`Failed: ${packageManager} ${args.join(' ')}${result.error ? ` (${result.error.message})` : ''}`)
  process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exit(run(process.argv.slice(2), { stdio: 'inherit' }).status ?? 1)
}
