import { isDeepStrictEqual } from 'node:util'
import type { AuditEntry, ListAuditInput, Page } from '@mgx/contract'
import type { Knex } from 'knex'
import { type Columns, insertInto } from '../dialect/columns.js'
import { dialectOf, type Statement } from '../dialect/dialect.js'
import { AuditEntryModel } from '../models/models.js'
import { page } from '../page.js'
import { narrow, type Scope } from '../scope.js'

/** Who requests a change, with which credential, in which request, and from where. */
export type Requester = {
  /** `user:<id>`, or `system` for what the process does by itself. */
  readonly actor: string
  /** The credential of the call, such as `apiKey:<id>`; null when there is none. */
  readonly credential: string | null
  readonly requestId: string | null
  /** The network address that the request came from; null when there is none. */
  readonly address: string | null
}

/** The process itself, at its start. */
export const SYSTEM: Requester = { actor: 'system', credential: null, requestId: null, address: null }

/** A change for the audit log. */
export type AuditedChange = Requester & {
  /** The user whom the change concerns; null when it concerns all. */
  readonly userId: number | null
  readonly action: string
  readonly subject: string
  /** The state before the change; null when it replaces nothing. */
  readonly before: object | null
  readonly after: object
}

const columns: Columns<AuditedChange> = {
  user_id: ['integer', ({ userId }) => userId],
  actor: ['text', ({ actor }) => actor],
  credential: ['text', ({ credential }) => credential],
  action: ['text', ({ action }) => action],
  subject: ['text', ({ subject }) => subject],
  before: ['json', ({ before }) => before && JSON.stringify(before)],
  after: ['json', ({ after }) => JSON.stringify(after)],
  request_id: ['text', ({ requestId }) => requestId],
  address: ['text', ({ address }) => address],
}

/**
 * Returns the statement that inserts entries as they are, for the transaction of the changes; undefined when there are
 * none.
 */
export function insertAudits(trx: Knex.Transaction, changes: readonly AuditedChange[]): Statement | undefined {
  return insertInto(trx, 'audit_log', columns, changes)
}

/**
 * Writes an entry in the transaction of the change it describes. Of an entity that is replaced or changed, the entry keeps
 * the id and the fields that differ; when none does but `updatedAt`, nothing is written.
 */
export async function writeAudit(trx: Knex.Transaction, change: AuditedChange): Promise<void> {
  const { before, after } = change
  const fields = before === null ? undefined : differingFields(before, after)
  if (fields?.every((field) => field === 'updatedAt')) return
  const kept = fields === undefined ? change : { ...change, before: only(fields, before), after: only(fields, after) }
  const statement = insertAudits(trx, [kept])
  if (statement) await dialectOf(trx).query(trx, statement)
}

/** The kinds of entities that belong to a user, as subjects name them; a user belongs to itself. */
type Kind = 'user' | 'apiKey' | 'session' | 'identity' | 'project'
type Owned = { readonly id: number; readonly userId?: number }

/**
 * Writes an entry of a change to an entity of a user, as `writeAudit` does. The subject is the entity that was there before,
 * if there was one; `after` is empty when it was removed.
 */
export async function auditEntity(
  trx: Knex.Transaction,
  kind: Kind,
  change: Requester & { action: string } & ({ before: null; after: Owned } | { before: Owned; after: object }),
): Promise<void> {
  const { id, userId = id } = change.before ?? change.after
  await writeAudit(trx, { ...change, userId, subject: `${kind}:${id}` })
}

function differingFields(before: object, after: object): string[] {
  const [old, current] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  const fields = [...new Set([...old.keys(), ...current.keys()])]
  return fields.filter((field) => !isDeepStrictEqual(old.get(field), current.get(field)))
}

function only(fields: readonly string[], entity: object | null): object {
  return Object.fromEntries(Object.entries(entity ?? {}).filter(([field]) => field === 'id' || fields.includes(field)))
}

/** Returns a page of the entries that concern a user in scope, or all of them for the scope of all rows, newest first. */
export async function listAuditEntries(db: Knex, scope: Scope, input: ListAuditInput): Promise<Page<AuditEntry>> {
  const { userId, actor, action, subject, from, to } = input
  const given = Object.entries({ userId, actor, action, subject }).filter(([, value]) => value !== undefined)
  const query = AuditEntryModel.query(db).where(Object.fromEntries(given))
  if (from !== undefined) query.where('createdAt', '>=', from)
  if (to !== undefined) query.where('createdAt', '<', to)
  return page(narrow(query, scope, { userId: 'userId' }), input)
}
