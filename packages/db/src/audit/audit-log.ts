import type { Knex } from 'knex'
import { type Columns, insertInto } from '../dialect/columns.js'
import { dialectOf, type Statement } from '../dialect/dialect.js'

/** The actor that requests a change, and the id of its request. */
export type Requester = { readonly actor: string; readonly requestId: string }

/** An audit log entry. */
export type AuditEntry = Requester & {
  readonly action: string
  readonly subject: string
  /** The state before the change; null when it replaces nothing. */
  readonly before: object | null
  readonly after: object
}

const columns: Columns<AuditEntry> = {
  actor: ['text', ({ actor }) => actor],
  action: ['text', ({ action }) => action],
  subject: ['text', ({ subject }) => subject],
  before: ['json', ({ before }) => before && JSON.stringify(before)],
  after: ['json', ({ after }) => JSON.stringify(after)],
  request_id: ['text', ({ requestId }) => requestId],
}

/** Returns the statement that inserts entries, for the transaction of the changes; undefined when there are none. */
export function insertAudits(trx: Knex.Transaction, entries: readonly AuditEntry[]): Statement | undefined {
  return insertInto(trx, 'audit_log', columns, entries)
}

/** Writes an entry in the transaction of the change it describes. */
export async function writeAudit(trx: Knex.Transaction, entry: AuditEntry): Promise<void> {
  const statement = insertAudits(trx, [entry])
  if (statement) await dialectOf(trx).query(trx, statement)
}
