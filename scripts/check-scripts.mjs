// `check:scripts`: npm alone must suffice. Runs scripts of package.json with a `pnpm` that fails as if it were not
// installed, on a temporary database. `npm run check` and CI already run the other checks with npm.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'mgx-scripts-'))
const variables = {
  PATH: `${folder}${delimiter}${process.env.PATH}`,
  DATABASE_URL: `sqlite:${join(folder, 'mgx.db')}`,
}

/** @type {string[][]} */
const scripts = [
  ['build'],
  ['check:boundaries'],
  ['check:contract'],
  ['check:generated'],
  ['db:migrate'],
  ['db:status'],
  ['mgx', '--', 'db', 'status'],
  ['db:verify'],
  ['db:rollback'],
  ['pack:client', '--', join(folder, 'client.tgz')],
  ['pack:cli', '--', join(folder, 'cli.tgz')],
  ['pnpm', '--', '--version'],
]

try {
  writeFileSync(join(folder, 'pnpm'), '#!/bin/sh\necho "pnpm: not found" >&2\nexit 127\n', { mode: 0o755 })
  for (const [script = '', ...args] of scripts) {
    const options = /** @type {const} */ ({ encoding: 'utf8', shell: process.platform === 'win32' })
    const env = { ...process.env, ...variables }
    const { status, stdout, stderr } = spawnSync('npm', ['run', script, ...args], { ...options, env })
    console.log(`${status === 0 ? 'runs ' : 'FAILS'} npm run ${script}${status === 0 ? '' : `\n${stdout}${stderr}`}`)
    if (status !== 0) process.exitCode = 1
  }
  // What is packed must start without the repository.
  spawnSync('tar', ['-xzf', 'cli.tgz'], { cwd: folder })
  const { status, stderr } = spawnSync(process.execPath, ['package/dist/main.js', 'runs', '--help'], {
    cwd: folder,
    encoding: 'utf8',
  })
  console.log(`${status === 0 ? 'runs ' : 'FAILS'} the packed mgx${status === 0 ? '' : `\n${stderr}`}`)
  if (status !== 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
