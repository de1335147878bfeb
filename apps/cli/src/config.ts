import { DEFAULT_DATABASE_URL } from '@mgx/db'

/** What the commands take from the environment. */
export type Config = { readonly databaseUrl: string }

/** Reads the environment; an empty variable counts as unset. That the URL is good shows when it is opened. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return { databaseUrl: env.DATABASE_URL || DEFAULT_DATABASE_URL }
}
