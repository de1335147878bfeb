import { existsSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'
import { DomainError } from '@mgx/contract'

/** The default database, which needs no setup. */
export const DEFAULT_DATABASE_URL = 'sqlite:./data/mgx_backend.db'

export type DatabaseAddress = { kind: 'sqlite'; filename: string } | { kind: 'postgres'; connectionString: string }

/**
 * Parses a database URL: `sqlite:./data/mgx.db`, `sqlite::memory:`, SQLAlchemy's `sqlite:///relative.db` and
 * `sqlite:////absolute.db`, `postgres://…` or `postgresql://…`.
 * @throws DomainError `invalid_input` for anything else, or when the folder of an absolute path does not exist.
 */
export function readDatabaseUrl(url: string): DatabaseAddress {
  if (/^postgres(ql)?:\/\//.test(url)) {
    if (!URL.canParse(url)) throw badUrl('is not a well-formed PostgreSQL URL')
    return { kind: 'postgres', connectionString: url }
  }
  const path = /^sqlite:(?:\/\/\/)?(.*)$/.exec(url)?.[1]
  if (!path) throw badUrl('must begin with sqlite: or postgres:// and name a database')
  if (/^\/\/|^file:|\?/.test(path))
    throw badUrl('must name a file, as sqlite:./x.db, sqlite:/x.db or sqlite:///x.db do')
  const folder = dirname(path)
  // A relative folder is created with the database (the default is ./data); a missing absolute one is likely a typo.
  if (isAbsolute(folder) && !existsSync(folder)) throw badUrl(`names the folder ${folder}, which does not exist`)
  return { kind: 'sqlite', filename: path }
}

function badUrl(problem: string): DomainError {
  return new DomainError('invalid_input', `the database URL ${problem}`)
}
