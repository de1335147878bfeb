import { ApiKeyScope, CreateUserInput } from '@mgx/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  grantedScope,
  namesAdmin,
  placeholderEmail,
  suggestedEmail,
  suggestedUsername,
  withSuffix,
} from './identity-claims.js'

const account = { iss: 'https://login.example', sub: 'ada' }
const text = fc.string({ unit: 'binary', maxLength: 300 })
const { username: Username, email: Email } = CreateUserInput.shape

test('the scope of a token is the highest that it names, in any form', () => {
  const words = fc.array(
    fc.constantFrom(...ApiKeyScope.options.map((scope) => `mgx:${scope}`), 'openid', 'mgx:all', 'admin'),
  )
  fc.assert(
    fc.property(words, fc.boolean(), fc.constantFrom('scope', 'scp'), (named, isList, claim) => {
      const highest = ApiKeyScope.options.findLast((scope) => named.includes(`mgx:${scope}`)) ?? 'read'
      expect(grantedScope({ ...account, [claim]: isList ? named : named.join(' ') })).toBe(highest)
    }),
  )
  expect(grantedScope(account)).toBeUndefined()
})

test('no claims, whatever they are, grant more than `read` without a word of ours', () => {
  fc.assert(
    fc.property(fc.anything(), (scope) => {
      fc.pre(scope !== undefined && !JSON.stringify(scope)?.includes('mgx:') && typeof scope !== 'object')
      expect(grantedScope({ ...account, scope: JSON.parse(JSON.stringify(scope) ?? '0') })).toBe('read')
    }),
  )
})

test('only the exact value, or a list with it, names an admin', () => {
  const admin = { claim: 'groups', value: 'admins' }
  for (const groups of ['admins', ['x', 'admins']]) expect(namesAdmin({ ...account, groups }, admin)).toBe(true)
  for (const groups of ['Admins', 'x admins', ['x'], [['admins']], { admins: true }, null, undefined, true])
    expect(namesAdmin({ ...account, groups }, admin)).toBe(false)
  expect(namesAdmin({ ...account, is_admin: true }, { claim: 'is_admin', value: 'true' })).toBe(true)
  expect(namesAdmin({ ...account }, { claim: 'constructor', value: 'x' })).toBe(false)
  expect(namesAdmin({ ...account, groups: ['admins'] }, undefined)).toBe(false)
})

test('every suggested name and address is legal', () => {
  fc.assert(
    fc.property(text, text, text, text, fc.boolean(), (sub, name, email, iss, isTaken) => {
      const claims = { iss, sub, preferred_username: name, email }
      for (const username of [suggestedUsername(claims), withSuffix(name)])
        expect(Username.safeParse(username).error).toBeUndefined()
      const suggested = suggestedEmail(claims)
      if (suggested !== undefined) expect(Email.safeParse(suggested).error).toBeUndefined()
      expect(Email.safeParse(placeholderEmail(claims, isTaken)).error).toBeUndefined()
    }),
  )
})

test('names come from preferred_username, email and sub, in this order', () => {
  expect(suggestedUsername({ ...account, preferred_username: 'Ada', email: 'a@example.com' })).toBe('Ada')
  expect(suggestedUsername({ ...account, email: 'a@example.com' })).toBe('a@example.com')
  expect(suggestedUsername(account)).toBe('ada')
  expect(suggestedUsername({ ...account, preferred_username: ' Ada\u0000' })).toMatch(/^Ada-[0-9a-f]{8}$/)
  expect(placeholderEmail(account, false)).toBe('ada@login.example.invalid')
  expect(suggestedEmail({ ...account, email: 'a@example.com', email_verified: true })).toBe('a@example.com')
  for (const email_verified of [false, 'false'])
    expect(suggestedEmail({ ...account, email: 'a@example.com', email_verified })).toBeUndefined()
})
