import { type CommandTree, isGroup, leavesOf } from '../command.js'
import { didYouMean } from '../did-you-mean.js'
import { usageError } from '../exit-code.js'
import { sharedOptions } from './shared-options.js'

/** @throws CommandError that names the nearest command. */
export function unknownCommand(tree: CommandTree, words: readonly string[]): never {
  const name = words.join(' ')
  const known = [...Object.keys(tree), ...leavesOf(tree).keys(), 'help']
  const hint = didYouMean(name, known, 'mgx ').trimEnd()
  throw usageError(`There is no command "${name}".${hint && ` ${hint}`}`, 'See: mgx --help')
}

/** @throws CommandError unless the words are a command or a group of them. */
export function requireKnown(tree: CommandTree, words: readonly string[]): void {
  if (words.length > 0 && commandWords(tree, words).length < words.length) unknownCommand(tree, words)
}

/** Returns the error for an option that a command does not have; it names the nearest one. */
export async function unknownOption(tree: CommandTree, args: readonly string[], message: string): Promise<Error> {
  const words = commandWords(tree, args)
  const command = leavesOf(tree).get(words.join(' '))
  const { options: own = [] } = (await command?.details?.()) ?? {}
  const options = [...own, ...sharedOptions[command?.shares ?? 'results']]
  const known = [...options.map(({ flags }) => longFlag(flags)), '--help']
  const given = /'(.*)'/.exec(message)?.[1] ?? ''
  const name = ['mgx', ...words].join(' ')
  return usageError(`${name} has no option ${given}. ${didYouMean(given, known)}`.trimEnd(), `See: ${name} --help`)
}

/** Returns the words at the beginning that name a command or a group. */
export function commandWords(tree: CommandTree, args: readonly string[]): string[] {
  const [first = '', second = ''] = args
  const node = Object.hasOwn(tree, first) ? tree[first] : undefined
  if (!node) return []
  return isGroup(node) && Object.hasOwn(node.commands, second) ? [first, second] : [first]
}

/** `-y, --yes` and `--name <text>` → `--yes`, `--name`. */
export const longFlag = (flags: string): string => /--[\w-]+/.exec(flags)?.[0] ?? flags
