import { DEFAULT_DATABASE_URL } from '@mgx/db'
import { z } from 'zod'

/** What the commands take from the environment. */
export type Config = { readonly databaseUrl: string; readonly isProduction: boolean }

const Variables = z.object({
  DATABASE_URL: z.string().default(DEFAULT_DATABASE_URL),
  NODE_ENV: z.string().default('development'),
})

/** Reads the environment; an empty variable counts as unset. That the URL is good shows when it is opened. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const { DATABASE_URL, NODE_ENV } = Variables.parse(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')),
  )
  return { databaseUrl: DATABASE_URL, isProduction: NODE_ENV === 'production' }
}
