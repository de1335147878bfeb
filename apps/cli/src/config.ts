import { existsSync } from 'node:fs'
import { DEFAULT_DATABASE_URL } from '@mgx/db'

/** What the commands take from the environment and, where that says nothing, from the file `.env`, as the server does. */
export type Config = { readonly databaseUrl: string }

/** Reads the configuration; an empty variable counts as unset. That the URL is good shows when it is opened. */
export function readConfig(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env')
  return { databaseUrl: process.env.DATABASE_URL || DEFAULT_DATABASE_URL }
}
