import type { Knex } from 'knex'
import { type Columns, insertInto } from '../dialect/columns.js'
import { dialectOf, type Statement } from '../dialect/dialect.js'

/** Who asks for a change, and in which request. */
export type Requester = { readonly actor: string; readonly requestId: string }

/** A line of the audit log. */
export type AuditEntry = Requester & {
  readonly action: string
  readonly subject: string
  /** What was there; null where the change replaces nothing. */
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

/** The statement that writes entries, for the transaction of the changes that they describe; undefined for none. */
export function insertAudits(trx: Knex.Transaction, entries: readonly AuditEntry[]): Statement | undefined {
  return insertInto(trx, 'audit_log', columns, entries)
}

/** Writes an entry in the transaction of the change that it describes. */
export async function writeAudit(trx: Knex.Transaction, entry: AuditEntry): Promise<void> {
  const statement = insertAudits(trx, [entry])
  if (statement) await dialectOf(trx).query(trx, statement)
}
