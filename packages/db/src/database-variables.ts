import { DomainError } from '@mgx/contract'
import { z } from 'zod'
import type { Allowances } from './database-state.js'
import { DEFAULT_DATABASE_URL } from './database-url.js'

/** A boolean environment variable. */
export const flag = z
  .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
  .transform((value) => value === 'true' || value === '1')

/** The environment variables, shared by all programs, that choose the database. */
export const databaseVariables = {
  DATABASE_URL: z
    .string()
    .regex(/^(sqlite:|postgres(ql)?:\/\/)/, 'must begin with sqlite:, postgres:// or postgresql://')
    .default(DEFAULT_DATABASE_URL),
  MGX_SHARED_SCHEMA: flag.default(false),
  MGX_NEW_DATABASE: flag.default(false),
}

/**
 * Reads the database variables from an environment; an empty one counts as unset.
 * @throws DomainError `invalid_input` that names the bad variables and what they must be, but never their values.
 */
export function readDatabaseVariables(env: NodeJS.ProcessEnv): Allowances & { readonly databaseUrl: string } {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const { data, error } = z.object(databaseVariables).safeParse(given)
  if (data) {
    return {
      databaseUrl: data.DATABASE_URL,
      sharedSchema: data.MGX_SHARED_SCHEMA,
      newDatabase: data.MGX_NEW_DATABASE,
    }
  }
  throw new DomainError(
    'invalid_input',
    error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`).join('; '),
  )
}
