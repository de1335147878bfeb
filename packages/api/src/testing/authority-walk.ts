import { randomUUID } from 'node:crypto'
import type { Role } from '@mgx/contract'
import { exampleOf, isSchema, type JsonSchema, type JsonSchemas, resolve } from '@mgx/contract/contract-document'
import { jsonSchemas } from '@mgx/contract/json-schema'
import { expect } from 'vitest'
import type { z } from 'zod'
import { newSessionToken } from '../authentication/credential-format.js'
import type { Actor } from '../authority/actor.js'
import { refusalOf } from '../authority/authority.js'
import type { Services } from '../context.js'
import { procedures } from '../procedures.js'
import { callerOf } from './callers.js'

/** Everything a user owns that inputs can name. */
type Owned = {
  user: number
  username: string
  apiKey: number
  project: number
  reservation: number
  session: number
  token: string
  /** A text contained in everything that lists return. */
  mark: string
}

/** The input fields that name an owned thing, keyed by path and field, by namespace and field, or by field alone. */
const owners: Record<string, keyof Owned> = {
  userId: 'user',
  projectId: 'project',
  reservationId: 'reservation',
  'users.id': 'user',
  'users.getByUsername.username': 'username',
  'apiKeys.id': 'apiKey',
  'projects.id': 'project',
  'sessions.id': 'session',
  'sessions.verify.token': 'token',
}

/** A caller with a credential, its own rows, and foreign rows that must look absent to it. */
export type WalkCaller = {
  readonly name: string
  readonly credential: string | undefined
  /** Undefined when the credential is not, or no longer, valid. */
  readonly actor: Actor | undefined
  readonly own: Owned
  readonly foreign: readonly Owned[]
}

/** A response without its request id; a refusal has a `reason` and a `message`. */
export type WalkAnswer = { readonly reason?: string; readonly message?: string; readonly [field: string]: unknown }

/** Makes a call, over any transport. */
export type Send = (credential: string | undefined, input: Record<string, unknown>) => Promise<WalkAnswer>

/** Creates callers of each role with each kind of credential, valid and invalid, and one without a credential. */
export async function walkCallers(services: Services): Promise<WalkCaller[]> {
  const stranger = await tenant(services, 'member')
  const [admin, member] = [await tenant(services, 'admin'), await tenant(services, 'member')]
  const nobody: WalkCaller = {
    name: 'no credential',
    credential: undefined,
    actor: undefined,
    own: member.own,
    foreign: [],
  }
  const callers = [admin, member].flatMap(({ role, own, second, actor, credentials }) => {
    const as = (name: string, credential: string, changed?: Partial<Actor>): WalkCaller => {
      const isBound = changed?.projectId !== undefined
      const foreign = isBound ? [second, stranger.own] : role === 'member' ? [stranger.own] : []
      return { name: `${role}, ${name}`, credential, actor: changed && { ...actor, ...changed }, own, foreign }
    }
    const { key, reader, session, bound, ...ended } = credentials
    return [
      as('key', key, {}),
      as('read-only key', reader, { scopes: ['read'] }),
      as('session', session, { sessionId: 1 }),
      as('session bound to a project', bound, { sessionId: 1, projectId: own.project }),
      ...Object.entries(ended).map(([name, credential]) => as(name, credential)),
    ]
  })
  return [...callers, nobody]
}

/** Creates a user of this role with two projects, the rows of each, and credentials of each kind. */
async function tenant(services: Services, role: Role) {
  const { credentials, db } = services
  const username = `${role}-${randomUUID()}`
  const made = await credentials.createUser({ username, email: `${username}@example.com`, role, spendingLimit: null })
  const [userId, key] = [made.user.id, made.apiKey ?? '']
  const caller = callerOf(services, key)
  const newKey = (scopes: ('read' | 'write')[] = ['read', 'write']) =>
    credentials.issueKey(userId, userId, { name: 'walk', scopes, expiresAt: undefined })
  const spare = await newKey()
  const inProject = async (): Promise<Owned> => {
    const mark = randomUUID()
    const { id: project } = await caller.projects.create({ name: mark, idea: 'A game' })
    const spent = { model: mark, promptTokens: 1, completionTokens: 1, totalCost: '0.01' }
    await caller.costs.record({ projectId: project, ...spent })
    const { reservation } = await caller.budgets.reserve({ projectId: project, amount: '1' })
    const { session, token } = await caller.sessions.create({ projectId: project, metadata: { mark } })
    const owned = { apiKey: spare.apiKey.id, project, reservation: reservation.id, session: session.id }
    return { user: userId, username, ...owned, token, mark }
  }
  const [own, second] = [await inProject(), await inProject()]
  const [revoked, expired, reader] = [await newKey(), await newKey(), await newKey(['read'])]
  await caller.apiKeys.revoke({ id: revoked.apiKey.id })
  await db('api_keys').where({ id: expired.apiKey.id }).update({ expiresAt: '2020-01-01T00:00:00.000Z' })
  const open = await caller.sessions.create({})
  const bound = await caller.sessions.create({ projectId: own.project })
  const closed = await caller.sessions.create({})
  await caller.sessions.close({ id: closed.session.id })
  const actor: Actor = { userId, role, apiKeyId: 1, sessionId: null, scopes: ['read', 'write'], projectId: null }
  return {
    role,
    own,
    second,
    actor,
    credentials: {
      key,
      reader: reader.key,
      session: open.token,
      bound: bound.token,
      'revoked key': revoked.key,
      'expired key': expired.key,
      'closed session': closed.token,
    },
  }
}

/**
 * Asserts that a procedure serves exactly the callers its authority allows, and that foreign rows get the same response
 * as rows that do not exist.
 */
export async function expectAuthority(path: string, callers: readonly WalkCaller[], send: Send): Promise<void> {
  const procedure = procedures.get(path)
  if (!procedure) throw new Error(`${path}: no such procedure`)
  const { authority } = procedure.meta
  const inputOf = inputsOf(path, procedure.input)
  for (const { name, credential, actor, own, foreign } of callers) {
    const answer = await send(credential, inputOf(own))
    const who = `${path} by ${name}`
    const forbidden = actor && refusalOf(authority, actor)
    if (!actor && authority !== 'public') expect(answer, who).toMatchObject({ reason: 'unauthenticated' })
    else if (forbidden) expect(answer, who).toMatchObject({ reason: 'forbidden', message: forbidden })
    else {
      expect(
        ['unauthenticated', 'forbidden', 'not_found', 'invalid_input', 'internal'],
        `${who}: ${JSON.stringify(answer)}`,
      ).not.toContain(answer.reason)
      const told = JSON.stringify([answer, await send(credential, inputOf(own, false))])
      for (const theirs of foreign) {
        expect(told, `${who}, of others`).not.toContain(theirs.mark)
        if (theirs.username !== own.username) expect(told, `${who}, of others`).not.toContain(theirs.username)
        const input = inputOf(theirs)
        if (JSON.stringify(input) === JSON.stringify(inputOf(own))) continue
        const absent = inputOf({ ...nowhere(), ...shared(own, theirs) })
        expect(await send(credential, input), `${who}, of others`).toEqual(await send(credential, absent))
      }
    }
  }
}

/** Returns names of rows that do not exist. */
function nowhere(): Owned {
  const id = 2 ** 31 - 1
  return {
    user: id,
    apiKey: id,
    project: id,
    reservation: id,
    session: id,
    username: 'nobody',
    token: newSessionToken(),
    mark: '',
  }
}

/** Returns what both own. */
function shared(ours: Owned, theirs: Owned): Partial<Owned> {
  return Object.fromEntries(Object.entries(ours).filter(([kind, value]) => theirs[kind as keyof Owned] === value))
}

/**
 * Returns a function that builds inputs with all required fields and, if full, every field that names something owned.
 */
function inputsOf(path: string, input: z.ZodType): (owned: Owned, isFull?: boolean) => Record<string, unknown> {
  const { Input = {}, ...$defs } = jsonSchemas({ inputs: new Map([['Input', input]]) })
  return (owned, isFull = true) => filled(Input, { $defs, owned, isFull, path }) as Record<string, unknown>
}

type Fill = { $defs: JsonSchemas; owned: Owned; isFull: boolean; path: string }

function filled(schema: JsonSchema, fill: Fill): unknown {
  const { $defs, owned, isFull, path } = fill
  const { properties, required = [], items, anyOf, examples, ...rest } = resolve(schema, $defs)
  if (anyOf?.[0] && isSchema(anyOf[0]) && !examples) return filled(anyOf[0], fill)
  if (isSchema(items)) return resolve(items, $defs).enum ?? [filled(items, fill)]
  if (!properties) return exampleOf({ ...rest, ...(examples && { examples }) }, (name) => $defs[name])
  const [example] = (examples ?? []) as Record<string, unknown>[]
  const fields = Object.entries(properties).flatMap(([name, field]) => {
    if (!isSchema(field)) return []
    const owner = ownerOf(path, name, field)
    if (!required.includes(name) && !(owner && isFull)) return []
    return [[name, owner ? owned[owner] : (example?.[name] ?? filled(field, fill))]]
  })
  return Object.fromEntries(fields)
}

/** Returns what a field names. @throws Error for an id that `owners` does not list. */
function ownerOf(path: string, name: string, field: JsonSchema): keyof Owned | undefined {
  const [namespace] = path.split('.')
  const owner = owners[`${path}.${name}`] ?? owners[`${namespace}.${name}`] ?? owners[name]
  const isId = [field, ...(field.anyOf ?? [])].some(
    (form) => isSchema(form) && form.type === 'integer' && form.exclusiveMinimum === 0,
  )
  if (isId && !owner) throw new Error(`${path}: owners does not say what ${name} names`)
  return owner
}
