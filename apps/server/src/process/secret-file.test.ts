import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyFolder } from '../testing/server-process.js'
import { keepNewSecret, keptSecret } from './secret-file.js'

test('a secret is created once, in a file that only its owner can read', () => {
  const folder = join(emptyFolder(), 'data')
  const file = join(folder, 'secret')
  expect(keptSecret(file)).toBeUndefined()
  const secret = keepNewSecret(file)
  expect(secret).toMatch(/^[\w-]{43}$/)
  expect(keptSecret(file)).toBe(secret)
  expect(keepNewSecret(file)).toBe(secret)
  expect(readdirSync(folder)).toEqual(['secret'])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('a damaged or unreadable file is reported and not changed', () => {
  const folder = emptyFolder()
  writeFileSync(join(folder, 'empty'), '')
  expect(() => keptSecret(join(folder, 'empty'))).toThrow(/^MGX_SECRET: .*empty is damaged/)
  mkdirSync(join(folder, 'directory'))
  expect(() => keptSecret(join(folder, 'directory'))).toThrow(/^MGX_SECRET: .*EISDIR/)
  expect(statSync(join(folder, 'empty')).size).toBe(0)
})
