// Plain JavaScript and Node built-ins only: `npm start` reads its options before anything is installed or built.
import { parseArgs } from 'node:util'

const USAGE = `Usage: npm start -- [options]
       node apps/server/dist/main.js [options]

Installs and builds what is missing (npm start only), then migrates, seeds and serves.

Options:
      --port <number>    where to listen (3210); 0: any free port
      --host <address>   the address to listen on (127.0.0.1)
      --database <url>   sqlite:./path or postgres://… (sqlite:./data/mgx_backend.db)
  -h, --help             print this

Options win over the environment, and the environment over the file .env in the working directory:
PORT, HOST, DATABASE_URL and the other variables that .env.example lists.`

/**
 * The options that were given, by the variable that each sets: its value and its name, such as `--port`.
 *
 * @typedef {ReadonlyMap<string, { value: string, option: string }>} Options
 */

/**
 * The variable that each option sets.
 *
 * @type {Readonly<Record<string, string>>}
 */
const variables = { port: 'PORT', host: 'HOST', database: 'DATABASE_URL' }

/**
 * Reads the options of the command line. Exits with 0 after `--help`, and with 2 and a message on an unknown option.
 *
 * @param {string[]} args the arguments after the program's name
 * @returns {Options}
 */
export function readOptions(args) {
  const { help, ...values } = parse(args)
  if (help) {
    console.log(USAGE)
    process.exit(0)
  }
  return new Map(
    Object.entries(values).map(([name, value]) => [
      variables[name] ?? name,
      { value: String(value), option: `--${name}` },
    ]),
  )
}

/** @param {string[]} args */
function parse(args) {
  const text = /** @type {const} */ ({ type: 'string' })
  try {
    const options = {
      port: text,
      host: text,
      database: text,
      help: /** @type {const} */ ({ type: 'boolean', short: 'h' }),
    }
    return parseArgs({ args, options }).values
  } catch (error) {
    console.error(`${complaint(/** @type {Error} */ (error))}\n\n${USAGE}`)
    process.exit(2)
  }
}

/** @param {Error} error thrown by `parseArgs`; its message ends with advice that would mislead here */
function complaint({ message }) {
  const [problem = ''] = message.split(/\. |\n/)
  // Without `--`, npm takes the options for its own and passes only their values on.
  const advice = problem.startsWith('Unexpected argument') ? ' Options of npm start come after `--`.' : ''
  return `${problem.replace(/\.$/, '')}.${advice}`
}
