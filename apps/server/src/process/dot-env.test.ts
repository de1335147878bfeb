import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { call } from '../testing/rpc.js'
import { emptyFolder, runServer, startServer } from '../testing/server-process.js'

const KEY = 'a-key-of-my-own # not a comment'.replaceAll(' ', '_')

function folderWith(text: string): string {
  const folder = emptyFolder()
  writeFileSync(join(folder, '.env'), text)
  return folder
}

test('.env applies where neither the options nor the environment set a variable', async () => {
  const folder = folderWith(
    `\uFEFF# What this server is to have.\r\nexport DATABASE_URL = sqlite:./of-env.db # a comment\r\n\r\nHOST='no-such-host.invalid'\r\nPORT=1\r\nMGX_SEED=false\r\nMGX_ADMIN_API_KEY="${KEY}"\r\nOTHERS="a\nb=c"\r\n`,
  )
  const server = await startServer(folder, { PORT: '0', MGX_SEED: '' }, '--host', '127.0.0.1')
  expect(existsSync(join(folder, 'of-env.db'))).toBe(true)
  // MGX_SEED is empty in the environment, which counts as unset, so its default applies.
  expect(await call({ ...server, apiKey: KEY }, 'users.list', {})).toMatchObject({ items: { length: 2 } })
})

test('.env.example is a .env that changes nothing', async () => {
  const folder = emptyFolder()
  copyFileSync(new URL('../../../../.env.example', import.meta.url), join(folder, '.env'))
  const server = await startServer(folder, {})
  expect(server.stderr()).toContain('export MGX_API_KEY=mgx_key_')
  expect(existsSync(join(folder, 'data/mgx_backend.db'))).toBe(true)
})

test('every bad line of .env is named, with every bad variable, in one go and without their values', async () => {
  const folder = folderWith(
    [
      'PORT=hunter2',
      '# fine',
      'HOST hunter2',
      '=hunter2',
      'MGX_SECRET="hunter2',
      'A-1=fine',
      'DATABASE_URL=postgres://mgx:p#hunter2@h/d',
      "MGX_SEED='hunter2' hunter2",
      'LOG_LEVEL=hunter2',
    ].join('\n'),
  )
  const { code, stdout, stderr } = await runServer(folder, {
    PORT: undefined,
    MGX_AUTO_MIGRATE: 'perhaps',
    LOG_LEVEL: 'loud',
  })
  expect(stderr.trimEnd().split('\n')).toEqual([
    '.env, line 3: must be NAME=value, with quotes around the whole value or none',
    '.env, line 4: must be NAME=value, with quotes around the whole value or none',
    '.env, line 5: must be NAME=value, with quotes around the whole value or none',
    '.env, line 7: a value with # must be in quotes',
    '.env, line 8: must be NAME=value, with quotes around the whole value or none',
    'PORT (.env, line 1): must be a whole number from 0 to 65535',
    'MGX_AUTO_MIGRATE: must be true or false',
    'LOG_LEVEL: must be trace, debug, info, warn, error or fatal',
  ])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
})

test('a .env that cannot be read is named', async () => {
  const folder = emptyFolder()
  mkdirSync(join(folder, '.env'))
  const { code, stderr } = await runServer(folder, {})
  expect(stderr).toMatch(/^\.env: cannot be read: EISDIR[^\n]*\n$/)
  expect(code).toBe(1)
})
