import { Argument, Option, Command as Program } from 'commander'
import type { Command, CommandDetails, CommandOption, CommandTree, Group, Invocation } from '../command.js'
import { isGroup } from '../command.js'
import { sharedOptions } from './shared-options.js'

/** What Commander is given beside the commands. */
export type ProgramParts = {
  tree: CommandTree
  version: string
  columns: number
  /** Receives each help text. */
  write(text: string): void
  /** Runs the command that the arguments name. */
  run(command: Command, given: Omit<Invocation, 'io'>): Promise<void>
  /** Throws for words after which no command goes on: `runs lst`. */
  unknown(words: readonly string[]): never
}

/** Returns the commands as Commander's, which parses arguments and prints help; it never exits and never prints errors. */
export function buildProgram(parts: ProgramParts): Program {
  const { tree, version, columns, write } = parts
  const program = new Program('mgx')
    .description('The command line of MGX Backend: runs of agent teams, what they may spend and what they cost.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write, outputError() {}, getOutHelpWidth: () => columns })
    .configureHelp({ subcommandTerm: (command) => pathOf(command), sortOptions: false })
    .showSuggestionAfterError(false)
    .enablePositionalOptions()
    .addHelpText('after', FOOTER)
  addOptions(program, sharedOptions.results, '')
  for (const [name, node] of Object.entries(tree)) {
    if (isGroup(node)) addGroup(program, name, node, parts)
    else addCommand(program, name, node, parts)
  }
  return program.on('command:*', (words: string[]) => parts.unknown(words))
}

const FOOTER = `
MGX_URL and MGX_API_KEY win over the profile.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 not signed in, 5 budget
exceeded, 6 no server.`

/** `mgx runs list` is the path `runs list`. */
const pathOf = (command: Program): string =>
  command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()

function addGroup(program: Program, name: string, group: Group, parts: ProgramParts): void {
  const added = program.command(name).description(group.summary).helpCommand(false)
  for (const [each, command] of Object.entries(group.commands)) addCommand(added, each, command, parts)
  added.on('command:*', (words: string[]) => parts.unknown([name, ...words]))
}

function addCommand(parent: Program, name: string, command: Command, { run }: ProgramParts): void {
  const added = parent.command(name).description(command.summary)
  parent.hook('preSubcommand', async (_, called) => {
    if (called === added) addDetails(added, (await command.details?.()) ?? {}, command.shares)
  })
  added.action((...given: unknown[]) =>
    run(command, {
      path: pathOf(added),
      args: added.registeredArguments.map((_, index) => given[index] as string | undefined),
      // The nearer option wins.
      options: { ...added.optsWithGlobals(), ...added.opts() },
    }),
  )
}

function addDetails(added: Program, details: CommandDetails, shares: Command['shares']): void {
  for (const { name, required, description } of details.arguments ?? [])
    added.addArgument(new Argument(required ? `<${name}>` : `[${name}]`, description))
  addOptions(added, details.options ?? [], 'Options:')
  addOptions(added, sharedOptions[shares], 'Output and profile:')
  const { examples = [] } = details
  if (examples.length === 0) return
  const title = examples.length === 1 ? 'Example' : 'Examples'
  added.addHelpText('after', `\n${title}:\n${examples.map((example) => `  ${example}`).join('\n')}`)
}

function addOptions(command: Program, options: readonly CommandOption[], group: string): void {
  for (const { flags, description, choices, repeatable } of options) {
    const option = new Option(flags, description)
    if (group !== '') option.helpGroup(group)
    // Commander shows the choices; `--by day,model` is checked where lists are read.
    if (repeatable) option.argParser<string[]>((value, previous = []) => [...previous, value])
    else if (choices) option.choices(choices)
    if (repeatable && choices) option.description = `${description} (choices: ${choices.join(', ')})`
    command.addOption(option)
  }
}
