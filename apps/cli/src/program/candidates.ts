import { type Command, type CommandOption, type CommandTree, isGroup } from '../command.js'
import type { Io } from '../io.js'
import { profileNames } from '../profile/profiles.js'
import { sharedOptions } from './shared-options.js'
import { longFlag } from './unknown-words.js'

/**
 * Returns what the last of these words, which may be empty, can become: commands, options, or the values of an option or
 * argument. Empty where only the person knows.
 */
export async function candidates(tree: CommandTree, words: readonly string[], env: Io['env']): Promise<string[]> {
  const before = words.slice(0, -1)
  const begun = words.at(-1) ?? ''
  const found = await after(tree, before, begun.startsWith('-'), env)
  const listed = begun.lastIndexOf(',') + 1
  return found.filter((word) => word.startsWith(begun.slice(listed))).map((word) => begun.slice(0, listed) + word)
}

async function after(tree: CommandTree, before: readonly string[], wantsOption: boolean, env: Io['env']) {
  const [first = '', second = ''] = before
  const node = Object.hasOwn(tree, first) ? tree[first] : undefined
  if (!node) return before.length === 0 ? [...Object.keys(tree), 'help'] : []
  if (!isGroup(node)) return ofCommand(node, before.slice(1), wantsOption, env)
  const command = Object.hasOwn(node.commands, second) ? node.commands[second] : undefined
  if (!command) return before.length === 1 ? Object.keys(node.commands) : []
  return ofCommand(command, before.slice(2), wantsOption, env)
}

async function ofCommand(command: Command, given: readonly string[], wantsOption: boolean, env: Io['env']) {
  const details = (await command.details?.()) ?? {}
  const options = [...(details.options ?? []), ...sharedOptions[command.shares]]
  const last = options.find((option) => takesValue(option) && longFlag(option.flags) === given.at(-1))
  if (last) return longFlag(last.flags) === '--profile' ? profileNames(env) : [...(last.choices ?? [])]
  if (wantsOption) return options.map(({ flags }) => longFlag(flags)).filter((flag) => !given.includes(flag))
  const positional = given.filter((word, index) => !word.startsWith('-') && !isValue(options, given[index - 1]))
  return [...(details.arguments?.[positional.length]?.choices ?? [])]
}

const takesValue = ({ flags }: CommandOption): boolean => flags.includes('<')

const isValue = (options: readonly CommandOption[], before: string | undefined): boolean =>
  options.some((option) => takesValue(option) && longFlag(option.flags) === before)
