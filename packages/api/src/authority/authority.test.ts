import { ApiKeyScope, Role } from '@mgx/contract'
import { inScope } from '@mgx/db'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Actor, scopeOf } from './actor.js'
import { type Authority, authorityInWords, may } from './authority.js'

const key: Actor = {
  userId: 2,
  role: 'member',
  credential: { kind: 'apiKey', apiKeyId: 1 },
  scope: 'write',
  projectId: null,
  callsPerMinute: null,
}
const token: Actor = { ...key, credential: { kind: 'accessToken', apiKeyId: 1, expiresAt: '2030-01-01T00:00:00.000Z' } }
const session: Actor = {
  ...key,
  credential: { kind: 'session', sessionId: 1, apiKeyId: 1, identityId: null, isSignIn: false, isNamedAdmin: false },
}
const signIn: Actor = {
  ...key,
  credential: { kind: 'session', sessionId: 1, apiKeyId: null, identityId: 1, isSignIn: true, isNamedAdmin: false },
}
const admin = { role: 'admin', scope: 'admin' } as const
const callers = {
  key,
  reader: { ...key, scope: 'read' },
  recorder: { ...key, scope: 'record' },
  boundKey: { ...key, projectId: 1 },
  session,
  boundSession: { ...session, scope: 'record', projectId: 1 },
  signIn,
  token,
  adminKey: { ...key, ...admin },
  everydayKey: { ...key, role: 'admin' },
  adminReader: { ...key, role: 'admin', scope: 'read' },
  adminBoundKey: { ...key, ...admin, projectId: 1 },
  adminSession: { ...session, ...admin },
  adminSignIn: { ...signIn, ...admin },
  adminToken: { ...token, ...admin },
} satisfies Record<string, Actor>

const everyone = Object.keys(callers)
const isBound = (name: string) => /bound/i.test(name)
const recorders = everyone.filter((name) => !/reader/i.test(name))
const writers = recorders.filter((name) => !['recorder', 'boundSession'].includes(name))
const unbound = (names: string[]) => names.filter((name) => !isBound(name))
const lasting = (names: string[]) => unbound(names).filter((name) => !/session|token/i.test(name))

test.each<[Authority, string[], string]>([
  ['public', everyone, 'Needs no credential.'],
  ['read', everyone, 'Needs a credential with the scope `read`.'],
  ['record', recorders, 'Needs a credential with the scope `record`.'],
  ['write', writers, 'Needs a credential with the scope `write`.'],
  ['user:read', unbound(everyone), 'Needs a credential with the scope `read` that is not bound to one project.'],
  ['user:write', unbound(writers), 'Needs a credential with the scope `write` that is not bound to one project.'],
  ['credentials:read', lasting(everyone), 'Needs an API key with the scope `read` that is not bound to one project.'],
  ['credentials:write', lasting(writers), 'Needs an API key with the scope `write` that is not bound to one project.'],
  [
    'admin',
    ['adminKey', 'adminSession', 'adminSignIn', 'adminToken'],
    "Needs an admin's credential with the scope `admin` that is not bound to one project.",
  ],
  [
    'admin:credentials',
    ['adminKey', 'adminSignIn'],
    "Needs an admin's API key with the scope `admin` that is not bound to one project.",
  ],
])('%s allows exactly its callers, and describes them', (authority, names, words) => {
  const allowed = Object.entries(callers).flatMap(([name, caller]) => (may(caller, authority).allowed ? [name] : []))
  expect(allowed).toEqual(names)
  expect(authorityInWords(authority)).toBe(words)
})

const anyActor = fc.record({
  userId: fc.integer({ min: 1, max: 3 }),
  role: fc.constantFrom(...Role.options),
  credential: fc.constantFrom(key.credential, session.credential, signIn.credential, token.credential),
  scope: fc.constantFrom(...ApiKeyScope.options),
  projectId: fc.option(fc.integer({ min: 1, max: 3 })),
  callsPerMinute: fc.constant(null),
})
const anySubject = fc.record({ userId: fc.integer({ min: 1, max: 3 }), projectId: fc.integer({ min: 1, max: 3 }) })
const authorities = ['read', 'record', 'write', 'user:read', 'user:write', 'admin', 'admin:credentials'] as const

test('an action is allowed on exactly the rows that the queries of the actor return', () => {
  fc.assert(
    fc.property(anyActor, fc.constantFrom(...authorities), anySubject, (actor, action, subject) => {
      const decision = may(actor, action, subject)
      expect(decision.allowed).toBe(may(actor, action).allowed && inScope(scopeOf(actor), subject))
      if (decision.allowed && actor.role === 'member') expect(subject.userId).toBe(actor.userId)
      if (decision.allowed && actor.projectId !== null) expect(subject.projectId).toBe(actor.projectId)
      if (decision.allowed && action.startsWith('admin')) expect(actor).toMatchObject({ ...admin, projectId: null })
    }),
  )
})
