import { CHOSEN_KEY_HINT, isUsableKey } from '@mgx/api'
import { CreateUserInput } from '@mgx/contract'
import { databaseVariables, flag } from '@mgx/db'
import { z } from 'zod'
import { type DotEnv, loadDotEnv } from './process/dot-env.js'
import { type Options, readOptions } from './process/options.mjs'
import { StartupError } from './process/startup-error.js'

/** The server's configuration. Command-line options win over the environment, which wins over the file `.env`. */
export type Config = {
  readonly databaseUrl: string
  /** Whether the PostgreSQL schema may hold tables of other programs. */
  readonly sharedSchema: boolean
  /** Whether to create a SQLite database although files beside it show that there was one. */
  readonly newDatabase: boolean
  /** Maximum number of connections to PostgreSQL. */
  readonly databasePoolMax: number
  readonly host: string
  readonly port: number
  /** Undefined only outside of production, where a secret is created and kept in a file. */
  readonly secret: string | undefined
  readonly adminApiKey: string | undefined
  readonly autoMigrate: boolean
  readonly seed: boolean
  readonly logLevel: LogLevel
  /** Undefined: pretty on a terminal, JSON elsewhere. */
  readonly logFormat: LogFormat | undefined
}

const LogLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], {
  error: 'must be trace, debug, info, warn, error or fatal',
})
export type LogLevel = z.infer<typeof LogLevel>

const LogFormat = z.enum(['json', 'pretty'], { error: 'must be json or pretty' })
export type LogFormat = z.infer<typeof LogFormat>

/**
 * Reads the configuration of this process. `args` are the options of the command line.
 * @throws StartupError with a line for each problem.
 */
export function readConfig(args: string[]): Config {
  const options = readOptions(args)
  const dotEnv = loadDotEnv(process.env)
  return configOf(process.env, options, dotEnv)
}

/**
 * Checks every variable and returns the configuration. An empty variable counts as unset, an empty option does not.
 * @throws StartupError with a line for each problem, naming the variable, its line in `.env`, or the option.
 */
export function configOf(env: NodeJS.ProcessEnv, options: Options = new Map(), dotEnv?: DotEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  for (const [variable, { value }] of options) given[variable] = value
  const isProduction = given.NODE_ENV === 'production'
  const { data, error } = variables(isProduction).safeParse(given)
  const name = (variable: string) => options.get(variable)?.option ?? dotEnv?.places.get(variable) ?? variable
  const problems = [
    ...(dotEnv?.problems ?? []),
    ...(error ? problemsOf(error) : []).map(([variable, message]) => `${name(variable)}: ${message}`),
  ]
  if (!data || problems.length > 0) throw new StartupError(problems)
  return {
    databaseUrl: data.DATABASE_URL,
    sharedSchema: data.MGX_SHARED_SCHEMA,
    newDatabase: data.MGX_NEW_DATABASE,
    databasePoolMax: data.DATABASE_POOL_MAX,
    host: data.HOST,
    port: data.PORT,
    secret: data.MGX_SECRET,
    adminApiKey: data.MGX_ADMIN_API_KEY,
    autoMigrate: data.MGX_AUTO_MIGRATE ?? !(isProduction && data.DATABASE_URL.startsWith('postgres')),
    seed: data.MGX_SEED ?? data.NODE_ENV === 'development',
    logLevel: data.LOG_LEVEL,
    logFormat: data.LOG_FORMAT,
  }
}

function variables(isProduction: boolean) {
  const secret = z.string('is required when NODE_ENV is production').min(32, 'must be at least 32 characters long')
  return z.object({
    NODE_ENV: z
      .enum(['development', 'test', 'production'], { error: 'must be development, test or production' })
      .default('development'),
    ...databaseVariables,
    DATABASE_POOL_MAX: wholeNumber(1, 1_000).default(10),
    HOST: z.string().regex(/^\S+$/, 'must be a host name or an address').default('127.0.0.1'),
    PORT: wholeNumber(0, 65_535).default(3210),
    MGX_SECRET: isProduction ? secret : secret.optional(),
    MGX_ADMIN_API_KEY: CreateUserInput.shape.apiKey.refine((key) => !key || isUsableKey(key), CHOSEN_KEY_HINT),
    MGX_AUTO_MIGRATE: flag.optional(),
    MGX_SEED: flag.optional(),
    LOG_LEVEL: LogLevel.default('info'),
    LOG_FORMAT: LogFormat.optional(),
  })
}

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    })
    .transform(Number)
}

/** Returns one message per variable. Messages never contain the value, because some are secrets. */
function problemsOf({ issues }: z.ZodError): [variable: string, message: string][] {
  return [...new Map(issues.toReversed().map(({ path, message }) => [String(path[0]), message]))].toReversed()
}
