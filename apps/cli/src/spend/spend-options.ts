import { argumentsAndOptions } from '../calls/call-details.js'
import type { CallDeclaration } from '../calls/declaration.js'
import type { CommandOption } from '../command.js'
import { procedureOf } from '../contract/document.js'
import { flagOf, inputFields } from '../contract/input-fields.js'
import { known } from '../contract/read-value.js'

/** The call without its groups, which have an option of their own. */
export const SPEND: CallDeclaration = {
  procedure: 'reports.spend',
  summary: '',
  fixed: { groupBy: [] },
  options: ['from', 'to', 'projectId', 'userId'],
}

const groups = (): readonly string[] =>
  inputFields(procedureOf(SPEND.procedure)).find(({ name }) => name === 'groupBy')?.choices ?? []

/** Returns the options of `mgx spend`. */
export function spendOptions(): CommandOption[] {
  const words = groups().map(flagOf)
  const by = { flags: '--by <a,b>', description: 'the groups (default: day)', choices: words, repeatable: true }
  return [by, ...argumentsAndOptions(SPEND).options]
}

/** Returns the groups that `--by` names, in the words of the contract: `action-type` is `actionType`. */
export function readGroups(given: unknown): string[] {
  const words = Array.isArray(given) ? given.flatMap((each) => String(each).split(',')) : ['day']
  const byFlag = new Map(groups().map((group) => [flagOf(group), group]))
  return words.map((word) => byFlag.get(known([...byFlag.keys()], '--by', flagOf(word))) ?? word)
}
