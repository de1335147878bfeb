// Installs the dependencies unless they are already installed. Every script of package.json that needs them runs this
// first, so that it works in a fresh clone. Uses only Node built-ins.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pnpm } from './pnpm.mjs'

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
  const words = `Installing dependencies with ${packageManager} (a first install compiles SQLite: a minute or two) …`
  await pnpm(words, 'install', '--frozen-lockfile')
  writeFileSync(stamp, wanted)
}

/**
 * Returns a hash of what an installation depends on: the lockfile, the workspace, every package.json, and the ABI of
 * native modules.
 */
function installFingerprint() {
  const folders = ['packages', 'apps'].flatMap((parent) => readdirSync(parent).map((name) => `${parent}/${name}`))
  const manifests = ['.', ...folders].map((folder) => `${folder}/package.json`).filter((file) => existsSync(file))
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests])
    hash.update(file).update(readFileSync(file))
  return hash.digest('hex')
}
