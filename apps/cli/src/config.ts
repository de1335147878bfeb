import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Io } from './io.js'

/** The environment of the process. */
export const environment = (): Io['env'] => process.env

/** Returns the variables of the database: those of the environment and, where it has none, of `.env`, as the server does. */
export function databaseEnvironment(env: Io['env']): Record<string, string | undefined> {
  const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {}
  return { ...file, ...env }
}

/** The variables that win over a profile; an empty one counts as unset. */
export function serverVariables(env: Io['env']): { url?: string; apiKey?: string; profile?: string } {
  const { MGX_URL: url, MGX_API_KEY: apiKey, MGX_PROFILE: profile } = env
  return { ...(url && { url }), ...(apiKey && { apiKey }), ...(profile && { profile }) }
}
