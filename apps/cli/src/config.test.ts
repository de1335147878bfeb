import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

test('uses the database in .env, as the server does, unless the environment names another', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'mgx-cli-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  writeFileSync(join(cwd, '.env'), 'DATABASE_URL=sqlite:./of-env.db # a comment\n')
  const migrate = (env: NodeJS.ProcessEnv) =>
    promisify(execFile)(process.execPath, [MAIN, 'db', 'migrate'], { cwd, env: { PATH: process.env.PATH, ...env } })
  await migrate({ DATABASE_URL: 'sqlite:./of-environment.db' })
  expect(existsSync(join(cwd, 'of-env.db'))).toBe(false)
  await migrate({})
  expect(existsSync(join(cwd, 'of-env.db'))).toBe(true)
  rmSync(join(cwd, '.env'))
  await migrate({})
  expect(existsSync(join(cwd, 'data/mgx_backend.db'))).toBe(true)
})
