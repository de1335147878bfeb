import { parseArgs } from 'node:util'
import manifest from '../package.json' with { type: 'json' }
import { type Command, CommandError } from './command.js'
import { readConfig } from './config.js'
import { databaseCommands } from './database-commands.js'
import { didYouMean } from './did-you-mean.js'
import { keyCommands } from './key-commands.js'
import { usage } from './usage.js'

const HINT = 'See: mgx --help'

const commands: Record<string, Command> = { ...databaseCommands, ...keyCommands }

const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  yes: { type: 'boolean', short: 'y' },
} as const

/**
 * Runs the command that these arguments, without the program's name, stand for.
 * @throws CommandError for invalid arguments, or when the command cannot do its work.
 */
export async function run(args: string[]): Promise<void> {
  const { given, words } = parse(args)
  const isHelp = given.includes('help') || words[0] === 'help'
  const name = (words[0] === 'help' ? words.slice(1) : words).join(' ')
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  const isGroup = Object.keys(commands).some((each) => name === '' || each.startsWith(`${name} `))
  if (!command && !isGroup) throw new CommandError(unknownCommand(name))

  const isVersion = !isHelp && name === '' && given.includes('version')
  const useless = given.find((option) => !takes(option, { isHelp, isVersion, command }))
  if (useless) throw new CommandError(`${name === '' ? 'mgx' : name} has no option --${useless}. ${hint(name)}`)
  if (isVersion) console.log(manifest.version)
  else if (isHelp) console.log(usage(commands, name))
  else if (command) await command.run(readConfig(), { yes: given.includes('yes') })
  else throw new CommandError(usage(commands, name))
}

type Given = keyof typeof options

function takes(
  option: Given,
  { isHelp, isVersion, command }: { isHelp: boolean; isVersion: boolean; command: Command | undefined },
): boolean {
  if (isHelp || isVersion) return option === (isHelp ? 'help' : 'version')
  return option === 'yes' && command?.yes !== undefined
}

function parse(args: string[]): { given: Given[]; words: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
    return { given: Object.keys(values) as Given[], words: positionals }
  } catch (error) {
    const [problem = ''] = (error as Error).message.split('. ')
    const [, unknown = ''] = /^Unknown option '--([^']*)'/.exec(problem) ?? []
    throw new CommandError(`${problem}. ${didYouMean(unknown, Object.keys(options), '--')}${HINT}`)
  }
}

function unknownCommand(name: string): string {
  return `There is no command "${name}". ${didYouMean(name, [...Object.keys(commands), 'help'], 'mgx ')}${HINT}`
}

function hint(name: string): string {
  return name === '' ? HINT : `See: mgx ${name} --help`
}
