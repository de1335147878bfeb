import { expect, test } from 'vitest'
import type { Actor } from './actor.js'
import { type Authority, authorityInWords, refusalOf } from './authority.js'

const key: Actor = {
  userId: 2,
  role: 'member',
  apiKeyId: 1,
  sessionId: null,
  scopes: ['read', 'write'],
  projectId: null,
}
const callers = {
  key,
  reader: { ...key, scopes: ['read'] },
  session: { ...key, sessionId: 1 },
  bound: { ...key, sessionId: 1, projectId: 1 },
  adminKey: { ...key, role: 'admin' },
  adminReader: { ...key, role: 'admin', scopes: ['read'] },
  adminSession: { ...key, role: 'admin', sessionId: 1 },
  adminBound: { ...key, role: 'admin', sessionId: 1, projectId: 1 },
} satisfies Record<string, Actor>

const everyone = Object.keys(callers)
const writers = ['key', 'session', 'bound', 'adminKey', 'adminSession', 'adminBound']

test.each<[Authority, string[], string]>([
  ['public', everyone, 'Needs no credential.'],
  ['read', everyone, 'Needs a credential with the scope `read`.'],
  ['record', writers, 'Needs a credential with the scope `write`.'],
  ['write', writers, 'Needs a credential with the scope `write`.'],
  [
    'user:read',
    everyone.filter((name) => !name.toLowerCase().includes('bound')),
    'Needs a credential with the scope `read` that is not bound to one project.',
  ],
  [
    'user:write',
    ['key', 'session', 'adminKey', 'adminSession'],
    'Needs a credential with the scope `write` that is not bound to one project.',
  ],
  ['credentials:read', ['key', 'reader', 'adminKey', 'adminReader'], 'Needs an API key with the scope `read`.'],
  ['credentials:write', ['key', 'adminKey'], 'Needs an API key with the scope `write`.'],
  [
    'admin:read',
    ['adminKey', 'adminReader', 'adminSession'],
    "Needs an admin's credential with the scope `read` that is not bound to one project.",
  ],
  [
    'admin:write',
    ['adminKey', 'adminSession'],
    "Needs an admin's credential with the scope `write` that is not bound to one project.",
  ],
  ['admin:credentials', ['adminKey'], "Needs an admin's API key with the scope `write`."],
])('%s allows exactly its callers, and describes them', (authority, names, words) => {
  const allowed = Object.entries(callers).flatMap(([name, caller]) => (refusalOf(authority, caller) ? [] : [name]))
  expect(allowed).toEqual(names)
  expect(authorityInWords(authority)).toBe(words)
})
