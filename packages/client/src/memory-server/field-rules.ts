import { API_KEY_HINT, EVENT_ID_HINT, groupsProblem, holdProblem, usernameProblem } from '@mgx/contract'

type Rule = (value: never) => string | undefined

/** What JSON Schema does not say of a field, by the type and the field. */
export const fieldRules: Readonly<Record<string, Rule>> = {
  'CreateUserInput.username': usernameProblem,
  'ReserveInput.amount': holdProblem,
  'SpendInput.groupBy': groupsProblem,
}

/** What is said of a field that has none of its forms, instead of the usual. */
export const formHints: Readonly<Record<string, string>> = { 'WatchCostsInput.lastEventId': EVENT_ID_HINT }

/** What is said of a field that does not match its pattern, instead of the usual. */
export const patternHints: Readonly<Record<string, string>> = { 'CreateUserInput.apiKey': API_KEY_HINT }
