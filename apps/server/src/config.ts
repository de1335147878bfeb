import { CHOSEN_KEY_HINT, isSafeAddress, isUsableKey, type Limits, type OidcTrust } from '@mgx/api'
import { CreateUserInput } from '@mgx/contract'
import { databaseVariables, flag } from '@mgx/db'
import { z } from 'zod'
import { trustsOf } from './http/forwarded.js'
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
  /** The proxies whose `X-Forwarded-…` headers are believed, as addresses, ranges and names of ranges. */
  readonly trustProxy: readonly string[]
  /** The origins whose pages may call from a browser. */
  readonly corsOrigins: readonly string[]
  /** Undefined only outside of production, where a secret is created and kept in a file. */
  readonly secret: string | undefined
  /** The secret before the current one, while servers move to a new one. */
  readonly previousSecret: string | undefined
  readonly adminApiKey: string | undefined
  readonly limits: Limits
  /** Where callers reach the servers of this database, without a slash at the end; undefined: where this one listens. */
  readonly publicUrl: string | undefined
  /** The issuer whose tokens are accepted. */
  readonly oidc: OidcTrust | undefined
  /** The client as which people sign in at that issuer. */
  readonly oidcClient: OidcClient | undefined
  readonly autoMigrate: boolean
  readonly seed: boolean
  readonly logLevel: LogLevel
  /** Undefined: pretty on a terminal, JSON elsewhere. */
  readonly logFormat: LogFormat | undefined
  /** The share of successful requests that are logged. */
  readonly logSample: number
  /** The port of `/metrics`; undefined: that of the calls. */
  readonly metricsPort: number | undefined
  /** How often the servers of a database together verify its ledger; undefined: never by themselves. */
  readonly verifyEverySeconds: number | undefined
  /** How long calls are accepted after the process was told to end. */
  readonly drainSeconds: number
  readonly redisUrl: string | undefined
}

export type OidcClient = { readonly id: string; readonly secret: string | undefined }

const LogLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], {
  error: 'must be trace, debug, info, warn, error or fatal',
})
export type LogLevel = z.infer<typeof LogLevel>

const LogFormat = z.enum(['json', 'ecs', 'pretty'], { error: 'must be json, ecs or pretty' })
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
    ...[...(error ? problemsOf(error) : []), ...missingBeside(given), ...samePort(given)].map(
      ([variable, message]) => `${name(variable)}: ${message}`,
    ),
  ]
  if (!data || problems.length > 0) throw new StartupError(problems)
  return {
    databaseUrl: data.DATABASE_URL,
    sharedSchema: data.MGX_SHARED_SCHEMA,
    newDatabase: data.MGX_NEW_DATABASE,
    databasePoolMax: data.DATABASE_POOL_MAX,
    host: data.HOST,
    port: data.PORT,
    trustProxy: data.MGX_TRUST_PROXY,
    corsOrigins: data.MGX_CORS_ORIGINS,
    secret: data.MGX_SECRET,
    previousSecret: data.MGX_SECRET_PREVIOUS,
    limits: { failures: data.MGX_LIMIT_FAILURES, calls: data.MGX_LIMIT_CALLS },
    adminApiKey: data.MGX_ADMIN_API_KEY,
    publicUrl: data.MGX_PUBLIC_URL,
    oidc: oidcOf(data),
    oidcClient: data.MGX_OIDC_CLIENT_ID
      ? { id: data.MGX_OIDC_CLIENT_ID, secret: data.MGX_OIDC_CLIENT_SECRET }
      : undefined,
    autoMigrate: data.MGX_AUTO_MIGRATE ?? !(isProduction && data.DATABASE_URL.startsWith('postgres')),
    seed: data.MGX_SEED ?? data.NODE_ENV === 'development',
    logLevel: data.LOG_LEVEL,
    logFormat: data.LOG_FORMAT,
    logSample: data.LOG_SAMPLE,
    metricsPort: data.METRICS_PORT,
    verifyEverySeconds: data.MGX_VERIFY_EVERY,
    drainSeconds: data.MGX_DRAIN_SECONDS,
    redisUrl: data.REDIS_URL,
  }
}

const DEFAULT_PORT = '3210'

function variables(isProduction: boolean) {
  const secret = z.string('is required when NODE_ENV is production').min(32, 'must be at least 32 characters long')
  return z.object({
    NODE_ENV: z
      .enum(['development', 'test', 'production'], { error: 'must be development, test or production' })
      .default('development'),
    ...databaseVariables,
    DATABASE_POOL_MAX: wholeNumber(1, 1_000).default(10),
    HOST: z.string().regex(/^\S+$/, 'must be a host name or an address').default('127.0.0.1'),
    PORT: wholeNumber(0, 65_535).default(Number(DEFAULT_PORT)),
    MGX_TRUST_PROXY: list(isProxies, 'must be a list of addresses, ranges such as 10.0.0.0/8, loopback or uniquelocal'),
    MGX_CORS_ORIGINS: list(areOrigins, 'must be a list of origins such as https://app.example.com'),
    MGX_SECRET: isProduction ? secret : secret.optional(),
    MGX_SECRET_PREVIOUS: secret.optional(),
    MGX_LIMIT_FAILURES: wholeNumber(1, 999_999_999).optional(),
    MGX_LIMIT_CALLS: wholeNumber(1, 999_999_999).optional(),
    MGX_PUBLIC_URL: publicUrl.optional(),
    MGX_OIDC_ISSUER: z
      .string()
      .refine((url) => isAddress(url) && isSafeAddress(url), 'must be an https URL, or an http URL of this machine')
      .optional(),
    MGX_OIDC_AUDIENCE: z.string().optional(),
    MGX_OIDC_CREATE_USERS: flag.default(false),
    MGX_OIDC_ADMIN: z
      .string()
      .regex(/^[^=]+=./, 'must be a claim and its value: claim=value')
      .transform((text) => ({ claim: text.slice(0, text.indexOf('=')), value: text.slice(text.indexOf('=') + 1) }))
      .optional(),
    MGX_OIDC_CLIENT_ID: z.string().optional(),
    MGX_OIDC_CLIENT_SECRET: z.string().optional(),
    MGX_ADMIN_API_KEY: CreateUserInput.shape.apiKey.refine((key) => !key || isUsableKey(key), CHOSEN_KEY_HINT),
    MGX_AUTO_MIGRATE: flag.optional(),
    MGX_SEED: flag.optional(),
    LOG_LEVEL: LogLevel.default('info'),
    LOG_FORMAT: LogFormat.optional(),
    LOG_SAMPLE: z
      .string()
      .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'must be a number from 0 to 1')
      .default('1')
      .transform(Number),
    METRICS_PORT: wholeNumber(0, 65_535).optional(),
    MGX_VERIFY_EVERY: duration.default(3_600),
    MGX_DRAIN_SECONDS: wholeNumber(0, 600).default(0),
    REDIS_URL: z
      .string()
      .regex(/^rediss?:\/\/\S+$/, 'must be a redis:// or rediss:// URL')
      .optional(),
  })
}

/** Whether a text is an http or https URL without credentials, query and fragment. */
function isAddress(text: string): boolean {
  if (!/^https?:\/\/[^@?#\s]+$/.test(text)) return false
  return URL.canParse(text)
}

const publicUrl = z
  .string()
  .refine(isAddress, 'must be an http or https URL without credentials, query and fragment')
  .transform((url) => url.replace(/\/+$/, ''))

/** What must be set beside a variable. */
const beside: [variable: string, needed: string][] = [
  ['MGX_OIDC_ISSUER', 'MGX_OIDC_AUDIENCE'],
  ['MGX_OIDC_AUDIENCE', 'MGX_OIDC_ISSUER'],
  ['MGX_OIDC_CREATE_USERS', 'MGX_OIDC_ISSUER'],
  ['MGX_OIDC_ADMIN', 'MGX_OIDC_ISSUER'],
  ['MGX_OIDC_CLIENT_ID', 'MGX_OIDC_ISSUER'],
  ['MGX_OIDC_CLIENT_SECRET', 'MGX_OIDC_CLIENT_ID'],
]

/** A flag that is off needs nothing. */
const isSet = (value: string | undefined) => value !== undefined && !['false', '0'].includes(value)

/** Returns one message per variable that is set without one that it needs. */
function missingBeside(given: NodeJS.ProcessEnv): [variable: string, message: string][] {
  return beside.flatMap(([variable, needed]) =>
    isSet(given[variable]) && given[needed] === undefined ? [[variable, `needs ${needed} beside it`]] : [],
  )
}

/** The metrics cannot be served on the port of the calls; 0 is any free port. */
function samePort({ PORT = DEFAULT_PORT, METRICS_PORT }: NodeJS.ProcessEnv): [variable: string, message: string][] {
  if (METRICS_PORT === undefined || Number(METRICS_PORT) === 0 || Number(METRICS_PORT) !== Number(PORT)) return []
  return [['METRICS_PORT', 'must be another port than PORT: unset it to serve the metrics there']]
}

function oidcOf(data: z.infer<ReturnType<typeof variables>>): OidcTrust | undefined {
  const { MGX_OIDC_ISSUER: issuer, MGX_OIDC_AUDIENCE: audience, MGX_OIDC_CREATE_USERS: createUsers } = data
  return issuer && audience ? { issuer, audience, createUsers, admin: data.MGX_OIDC_ADMIN } : undefined
}

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    })
    .transform(Number)
}

const UNIT_SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** A duration in seconds; undefined for `off`. */
const duration = z
  .string()
  .regex(/^([1-9]\d{0,5}[smhd]|off)$/, 'must be a number and s, m, h or d, such as 1h, or off')
  .transform((text) => (text === 'off' ? undefined : Number(text.slice(0, -1)) * (UNIT_SECONDS[text.slice(-1)] ?? 0)))

/** A comma-separated list; unset, it is empty. */
function list(isValid: (entries: string[]) => boolean, error: string) {
  return z
    .string()
    .default('')
    .transform((text) => (text === '' ? [] : text.split(',').map((entry) => entry.trim())))
    .refine(isValid, { error })
}

function isProxies(entries: string[]): boolean {
  try {
    trustsOf(entries)
    return true
  } catch {
    return false
  }
}

/** Whether each is written as browsers write an origin: without a path, a default port or capital letters. */
function areOrigins(entries: string[]): boolean {
  return entries.every(
    (entry) => /^https?:[^*]+$/.test(entry) && URL.canParse(entry) && new URL(entry).origin === entry,
  )
}

/** Returns one message per variable. Messages never contain the value, because some are secrets. */
function problemsOf({ issues }: z.ZodError): [variable: string, message: string][] {
  return [...new Map(issues.toReversed().map(({ path, message }) => [String(path[0]), message]))].toReversed()
}
