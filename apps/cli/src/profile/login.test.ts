import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestServer, type TestServer } from '@mgx/server/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Given, mgxHere } from '../testing/run-here.js'
import { emptyFolder } from '../testing/run-mgx.js'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

function computer() {
  const XDG_CONFIG_HOME = emptyFolder()
  const mgx = (line: string, given: Given = {}) =>
    mgxHere(line.split(' '), { ...given, env: { XDG_CONFIG_HOME, ...given.env } })
  return { mgx, folder: join(XDG_CONFIG_HOME, 'mgx') }
}

test('login reads the key from stdin, checks it, and keeps it for its owner only; logout removes it', async () => {
  const { mgx, folder } = computer()
  const stdin = `${server.adminApiKey}\n`
  expect(await mgx(`login --url ${server.url}`, { stdin })).toEqual({
    code: 0,
    stdout: '',
    stderr: `Signed in to ${server.url} as admin (admin).\n`,
  })
  expect(readdirSync(folder)).toEqual(['default.json'])
  for (const [path, mode] of [
    [folder, 0o700],
    [join(folder, 'default.json'), 0o600],
  ] as const)
    expect(statSync(path).mode & 0o777).toBe(mode)
  expect(JSON.parse((await mgx('whoami')).stdout)).toMatchObject({ username: 'admin' })
  expect(await mgx('logout')).toMatchObject({ code: 0, stderr: expect.stringContaining('Signed out of') })
  expect(readFileSync(join(folder, 'default.json'), 'utf8')).not.toContain(server.adminApiKey)
  expect(await mgx('whoami')).toMatchObject({ code: 4, stdout: '' })
  expect(await mgx('login --api-key -', { stdin })).toMatchObject({ code: 0 })
})

test('a wrong key, no key and a key in the arguments are refused, and nothing is saved', async () => {
  const { mgx, folder } = computer()
  const login = `login --url ${server.url}`
  expect(await mgx(login, { stdin: 'mgx_key_wrong' })).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/^mgx: .* does not accept this API key.*\(request \S+\)\nNothing was saved/),
  })
  expect(await mgx(login)).toMatchObject({ code: 2, stderr: expect.stringContaining('on stdin') })
  expect(await mgx(`${login} --api-key ${server.adminApiKey}`)).toMatchObject({ code: 2 })
  expect(() => readdirSync(folder)).toThrow(/ENOENT/)
})

test('a person is asked for the key', async () => {
  const { mgx } = computer()
  expect(await mgx(`login --url ${server.url}`, { answers: [server.adminApiKey] })).toMatchObject({ code: 0 })
  expect(await mgx(`login --url ${server.url}`, { answers: [''] })).toMatchObject({ code: 2 })
})

test('profiles are apart; --profile wins over MGX_PROFILE, MGX_URL and MGX_API_KEY over both', async () => {
  const { mgx } = computer()
  const stdin = server.adminApiKey
  await mgx(`login --url ${server.url} --profile work`, { stdin })
  expect(await mgx('whoami')).toMatchObject({ code: 4 })
  expect(await mgx('whoami --profile work')).toMatchObject({ code: 0 })
  expect(await mgx('whoami', { env: { MGX_PROFILE: 'work' } })).toMatchObject({ code: 0 })
  expect(await mgx('--profile none whoami', { env: { MGX_PROFILE: 'work' } })).toMatchObject({ code: 4 })
  expect(await mgx('whoami', { env: { MGX_PROFILE: 'work', MGX_API_KEY: 'wrong' } })).toMatchObject({ code: 4 })
  expect(await mgx('whoami', { env: { MGX_PROFILE: 'work', MGX_URL: `${server.url}/` } })).toMatchObject({ code: 0 })
  const elsewhere = { MGX_PROFILE: 'work', MGX_URL: 'http://127.0.0.1:1' }
  expect(await mgx('whoami', { env: elsewhere })).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('for another server'),
  })
  expect(await mgx('whoami', { env: { ...elsewhere, MGX_API_KEY: stdin } })).toMatchObject({ code: 6 })
  expect(JSON.parse((await mgx('profiles')).stdout)).toEqual([
    { name: 'work', url: server.url, signedIn: true, used: false },
  ])
})

test('a damaged profile is named', async () => {
  const { mgx, folder } = computer()
  await mgx(`login --url ${server.url}`, { stdin: server.adminApiKey })
  writeFileSync(join(folder, 'work.json'), '{')
  expect(await mgx('profiles')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('work.json') })
  writeFileSync(join(folder, 'default.json'), '{')
  expect(await mgx('whoami')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(folder) })
})

test('what cannot be undone is asked of a person', async () => {
  const { mgx } = computer()
  await mgx(`login --url ${server.url}`, { stdin: server.adminApiKey })
  const { apiKey } = JSON.parse((await mgx('keys create --name x')).stdout)
  const revoke = `keys revoke ${apiKey.id}`
  expect(await mgx(revoke, { answers: ['n'] })).toMatchObject({ code: 1, stderr: 'mgx: Nothing was changed\n' })
  expect(await mgx(revoke, { answers: ['yes'] })).toMatchObject({ code: 0 })
})
