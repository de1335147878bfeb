import type { Knex } from 'knex'
import { dialectOf } from './dialect/dialect.js'
import { driverMessage } from './errors.js'
import { migrationNames, tablesOf } from './migrations/index.js'

/** What an operator allows that is a mistake otherwise. */
export type Allowances = {
  /** Other programs have tables in the schema that ours go to. */
  readonly sharedSchema?: boolean
  /** A new database is made where there are traces of one that is gone. */
  readonly newDatabase?: boolean
}

export type DatabaseState = {
  /** `empty` has nothing of ours yet, `behind` some of it, `current` the schema that this version needs. */
  readonly kind: 'missing' | 'empty' | 'behind' | 'current' | 'newer' | 'foreign' | 'damaged'
  /** Names of the migrations that have run, and of those still to run, oldest first. */
  readonly completed: readonly string[]
  readonly pending: readonly string[]
  /** Why this version can neither use nor migrate it, and what to do; undefined where it can. */
  readonly problem?: string
}

/** Tells the state of an open database by reading alone: the right to read its tables is enough. */
export async function readState(db: Knex, allowances: Allowances = {}): Promise<DatabaseState> {
  const state = judge(await look(db), allowances)
  // A migration that ended between the two queries of a look makes a healthy database look wrong.
  return state.problem === undefined ? state : judge(await look(db), allowances)
}

/** The state where there is no file; `traces` are files that only a database leaves. */
export function missingState(filename: string, traces: string[], { newDatabase = false }: Allowances): DatabaseState {
  const state = { kind: 'missing', completed: [], pending: migrationNames } as const
  if (traces.length === 0 || newDatabase) return state
  const found = traces.join(' and ')
  const problem = `there is no database in ${filename}, but there was one, as ${found} shows: put it back. \
For a new and empty one set MGX_NEW_DATABASE=true, or delete ${found}`
  return { ...state, problem }
}

/** The state of what cannot be read for what is in it. */
export function damagedState(error: unknown): DatabaseState {
  return refused('damaged', `it is damaged, or no database at all (${driverMessage(error)}): restore a backup`)
}

const RECORD = 'knex_migrations'
const KNEX_TABLES = [RECORD, `${RECORD}_lock`]
/** How all our migrations are named, also those that are yet to be written. Knex names those of other programs otherwise. */
const OUR_NAME = /^\d{14}-[a-z0-9-]+$/

type Look = {
  tables: string[]
  /** The names that the migrations table has. */
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
    const problem = `it is of a newer MGX (it has ${some(unknown)}): start that version, or restore a backup`
    return { kind: 'newer', completed, pending, problem }
  }
  const lost = tablesOf(completed).filter((name) => !tables.includes(name))
  if (lost.length > 0) return damaged(lost)
  return { kind: pending.length === 0 ? 'current' : 'behind', completed, pending }
}

/** Where no migration of ours is recorded; whose are the tables, if there are any? */
function judgeUnrecorded(look: Look, { sharedSchema = false }: Allowances): DatabaseState {
  const ours = tablesOf(migrationNames)
  const tables = look.tables.filter((name) => !KNEX_TABLES.includes(name))
  const taken = tables.filter((name) => ours.includes(name))
  if (taken.length === ours.length) return damaged([RECORD])
  if (taken.length > 0) {
    const problem = `it holds the tables of another program, some with the names of ours (${some(taken)}): ${moveOut(look)}`
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
  return refused('damaged', `it is damaged (it has lost ${some(lost)}): restore a backup`)
}

function refused(kind: 'foreign' | 'damaged', problem: string): DatabaseState {
  return { kind, completed: [], pending: [], problem }
}

/** A list that stays readable, however many there are. */
function some(names: string[]): string {
  const first = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${first} and ${names.length - 5} more` : first
}
