import { parseArgs } from 'node:util'
import { type Command, CommandError } from './command.js'
import { readConfig } from './config.js'
import { databaseCommands } from './database-commands.js'

const HINT = 'See: mgx --help'

const commands: Record<string, Command> = { ...databaseCommands }

/**
 * Runs the command of these arguments, those after the program's name.
 * @throws CommandError for arguments that make no sense, or when the command cannot do its work.
 */
export async function run(args: string[]): Promise<void> {
  const { values, positionals } = parse(args)
  const words = positionals.join(' ')
  const command = Object.hasOwn(commands, words) ? commands[words] : undefined
  const isGroup = Object.keys(commands).some((name) => words === '' || name.startsWith(`${words} `))
  if (!command && !isGroup) throw new CommandError(`There is no command "${words}". ${HINT}`)
  if (values.help) console.log(usage(words))
  else if (command) await command.run(readConfig(), { yes: values.yes })
  else throw new CommandError(usage(words))
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        yes: { type: 'boolean', short: 'y', default: false },
      },
    })
  } catch (error) {
    const [problem = ''] = (error as Error).message.split('. ')
    throw new CommandError(`${problem}. ${HINT}`)
  }
}

/** The commands that begin with these words. */
function usage(words: string): string {
  const lines = Object.entries(commands)
    .filter(([name]) => `${name} `.startsWith(words === '' ? '' : `${words} `))
    .map(([name, { summary }]) => `  mgx ${name.padEnd(12)}  ${summary}`)
  return `Usage: mgx ${words === '' ? '<command>' : words} [options]

${lines.join('\n')}

Options:
  -y, --yes   agree to what is asked
  -h, --help  print this

The database is DATABASE_URL (sqlite:./path, postgres://…); without it, sqlite:./data/mgx_backend.db.`
}
