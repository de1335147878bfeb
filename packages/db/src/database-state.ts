import type { Knex } from 'knex'
import { dialectOf } from './dialect/dialect.js'
import { driverMessage } from './errors.js'
import { migrationNames, tablesOf } from './migrations/index.js'

/** Options with which an operator allows what is otherwise refused as a likely mistake. */
export type Allowances = {
  /** Allows a schema that also holds other programs' tables. */
  readonly sharedSchema?: boolean
  /** Allows creating a database where one seems to have been lost. */
  readonly newDatabase?: boolean
}

export type DatabaseState = {
  /** `empty`: none of our migrations have run; `behind`: some have; `current`: all that this version needs have. */
  readonly kind: 'missing' | 'empty' | 'behind' | 'current' | 'newer' | 'foreign' | 'damaged'
  /** Names of completed and pending migrations, oldest first. */
  readonly completed: readonly string[]
  readonly pending: readonly string[]
  /** Why this version can neither use nor migrate the database, and what to do; undefined when it can. */
  readonly problem?: string
}

/** Returns the state of an open database. Only reads, so read access to its tables is enough. */
export async function readState(db: Knex, allowances: Allowances = {}): Promise<DatabaseState> {
  const state = judge(await look(db), allowances)
  // A migration that finishes between the two queries of `look` makes a healthy database seem broken, so look again.
  return state.problem === undefined ? state : judge(await look(db), allowances)
}

/** Returns the state when there is no database file; `traces` are files that only a database leaves behind. */
export function missingState(filename: string, traces: string[], { newDatabase = false }: Allowances): DatabaseState {
  const state = { kind: 'missing', completed: [], pending: migrationNames } as const
  if (traces.length === 0 || newDatabase) return state
  const found = traces.join(' and ')
  const problem = `there is no database in ${filename}, but ${found} shows that there was one: restore it. \
To create a new, empty one, set MGX_NEW_DATABASE=true or delete ${found}`
  return { ...state, problem }
}

/** Returns the state of a file or database whose content cannot be read. */
export function damagedState(error: unknown): DatabaseState {
  return refused('damaged', `it is damaged, or not a database (${driverMessage(error)}): restore a backup`)
}

const RECORD = 'knex_migrations'
const KNEX_TABLES = [RECORD, `${RECORD}_lock`]
/** The form of our migration names, future ones included. Knex gives other programs' migrations a different form. */
const OUR_NAME = /^\d{14}-[a-z0-9-]+$/

type Look = {
  tables: string[]
  /** Names in the migrations table. */
  ran: string[]
  canBeShared: boolean
}

async function look(db: Knex): Promise<Look> {
  const { tableNames, hasSchemas } = dialectOf(db)
  const tables: string[] = await db
    .from(db.raw(`(${tableNames}) AS tables`))
    .orderBy('name')
    .pluck('name')
  const ran: string[] = tables.includes(RECORD) ? await db(RECORD).orderBy('id').pluck('name') : []
  return { tables, ran, canBeShared: hasSchemas }
}

function judge(look: Look, allowances: Allowances): DatabaseState {
  const { tables, ran } = look
  const completed = ran.filter((name) => migrationNames.includes(name))
  const unknown = ran.filter((name) => !migrationNames.includes(name))
  const pending = migrationNames.filter((name) => !ran.includes(name))

  const strange = completed.length === 0 ? unknown : unknown.filter((name) => !OUR_NAME.test(name))
  if (strange.length > 0) {
    return refused('foreign', `another program keeps its migrations in ${RECORD} (${some(strange)}): ${moveOut(look)}`)
  }
  if (completed.length === 0) return judgeUnrecorded(look, allowances)
  if (unknown.length > 0) {
    const problem = `it belongs to a newer MGX (it has ${some(unknown)}): start that version, or restore a backup`
    return { kind: 'newer', completed, pending, problem }
  }
  const lost = tablesOf(completed).filter((name) => !tables.includes(name))
  if (lost.length > 0) return damaged(lost)
  return { kind: pending.length === 0 ? 'current' : 'behind', completed, pending }
}

/** Judges a database without any recorded migration of ours, by the tables it has. */
function judgeUnrecorded(look: Look, { sharedSchema = false }: Allowances): DatabaseState {
  const ours = tablesOf(migrationNames)
  const tables = look.tables.filter((name) => !KNEX_TABLES.includes(name))
  const taken = tables.filter((name) => ours.includes(name))
  if (taken.length === ours.length) return damaged([RECORD])
  if (taken.length > 0) {
    const problem = `it holds the tables of another program, some named like ours (${some(taken)}): ${moveOut(look)}`
    return refused('foreign', problem)
  }
  if (tables.length === 0 || (sharedSchema && look.canBeShared)) {
    return { kind: 'empty', completed: [], pending: migrationNames }
  }
  const orShare = look.canBeShared ? ', or set MGX_SHARED_SCHEMA=true to share this schema' : ''
  return refused('foreign', `it holds the tables of another program (${some(tables)}): ${moveOut(look)}${orShare}`)
}

function moveOut({ canBeShared }: Look): string {
  return `give MGX ${canBeShared ? 'a database or a schema' : 'a file'} of its own`
}

function damaged(lost: string[]): DatabaseState {
  return refused('damaged', `it is damaged (missing: ${some(lost)}): restore a backup`)
}

function refused(kind: 'foreign' | 'damaged', problem: string): DatabaseState {
  return { kind, completed: [], pending: [], problem }
}

/** Lists at most five names, so that the message stays readable. */
function some(names: string[]): string {
  const first = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${first} and ${names.length - 5} more` : first
}
