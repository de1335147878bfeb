import { exampleOf, isSchema, type JsonSchema, type JsonSchemas, resolve } from '@mgx/contract/contract-document'
import { jsonSchemas } from '@mgx/contract/json-schema'
import { expect } from 'vitest'
import type { z } from 'zod'
import { newSessionToken } from '../authentication/credential-format.js'
import type { Actor } from '../authority/actor.js'
import { may } from '../authority/authority.js'
import { procedures } from '../procedures.js'

/** Everything a user owns that inputs can name. */
export type Owned = {
  user: number
  /** Another user, who may be deactivated. */
  idleUser: number
  username: string
  apiKey: number
  identity: number
  project: number
  record: number
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
  'users.deactivate.id': 'idleUser',
  'users.reactivate.id': 'idleUser',
  'users.getByUsername.username': 'username',
  'apiKeys.id': 'apiKey',
  'identities.id': 'identity',
  'projects.id': 'project',
  'costs.id': 'record',
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
    const decision = actor && may(actor, authority)
    const forbidden = decision && !decision.allowed ? decision.refusal.message : undefined
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
    idleUser: id,
    apiKey: id,
    identity: id,
    project: id,
    record: id,
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
