// `npm run pnpm -- <arguments>`: runs the pnpm that package.json pins, through npx, so that only Node and npm are needed.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tellProgress } from './progress.mjs'

const manifest = new URL('../package.json', import.meta.url)
const { packageManager } = JSON.parse(readFileSync(manifest, 'utf8'))

/**
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
function start(args, options) {
  return spawn('npx', ['--yes', packageManager, ...args], { shell: process.platform === 'win32', ...options })
}

/**
 * Runs pnpm with a progress message; prints its output only if it fails, which also exits this process with 1. NODE_ENV
 * is cleared because building needs the devDependencies; CI stops pnpm from asking questions.
 *
 * @param {string} words
 * @param {string[]} args
 */
export async function pnpm(words, ...args) {
  const done = tellProgress(words)
  const env = { ...process.env, CI: 'true', NODE_ENV: '', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  const child = start(args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  const failure = await new Promise((resolve) => {
    child.on('error', ({ message }) => resolve(` (${message})`))
    child.on('close', (code) => resolve(code === 0 ? undefined : ''))
  })
  done()
  if (failure === undefined) return
  console.error(`${output}Failed: ${packageManager} ${args.join(' ')}${failure}`)
  process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  start(process.argv.slice(2), { stdio: 'inherit' }).on('close', (code) => process.exit(code ?? 1))
}
