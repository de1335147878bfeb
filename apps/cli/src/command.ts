import type { Io } from './io.js'

/** A positional argument. */
export type CommandArgument = {
  readonly name: string
  readonly required: boolean
  readonly description: string
  readonly choices?: readonly string[]
}

/** An option; its flags are those of Commander: `--name <text>`. */
export type CommandOption = {
  readonly flags: string
  readonly description: string
  readonly choices?: readonly string[]
  /** Whether the option may be given several times; its value is then a list. */
  readonly repeatable?: boolean
}

/** One use of a command: its arguments, undefined where an optional one is missing, and its options by name in camelCase. */
export type Invocation = {
  readonly io: Io
  /** The words of the command, such as `runs list`. */
  readonly path: string
  readonly args: readonly (string | undefined)[]
  readonly options: Readonly<Record<string, unknown>>
}

/** What a command takes. */
export type CommandDetails = {
  readonly arguments?: readonly CommandArgument[]
  readonly options?: readonly CommandOption[]
  readonly examples?: readonly string[]
}

/** A command such as `runs list`. */
export type Command = {
  readonly summary: string
  /** The options that commands of one kind share: `results` are read from a server and printed in a format of choice. */
  readonly shares: 'results' | 'profile' | 'nothing'
  /** Asked only of the command that is called: most are read off the contract, and loading that would delay every start. */
  details?(): CommandDetails | Promise<CommandDetails>
  /** Does the work and returns the exit code; without one it is done. */
  run(invocation: Invocation): Promise<number | undefined>
}

/** Commands that begin with the same word. */
export type Group = { readonly summary: string; readonly commands: Readonly<Record<string, Command>> }

export type CommandTree = Readonly<Record<string, Command | Group>>

export const isGroup = (node: Command | Group): node is Group => 'commands' in node

/** Returns every command of a tree under its words: `runs list`. */
export function leavesOf(tree: CommandTree): Map<string, Command> {
  return new Map(
    Object.entries(tree).flatMap(([name, node]): [string, Command][] =>
      isGroup(node)
        ? Object.entries(node.commands).map(([each, command]) => [`${name} ${each}`, command])
        : [[name, node]],
    ),
  )
}
