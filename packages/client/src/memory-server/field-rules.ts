import { API_KEY_HINT, EVENT_ID_HINT, groupsProblem, holdProblem, usernameProblem } from '@mgx/contract'

type Rule = (value: never) => string | undefined

/** What JSON Schema does not say of a field, by the type and the field. */
export const fieldRules: Readonly<Record<string, Rule>> = {
  'CreateUserInput.username': usernameProblem,
  'ReserveInput.amount': holdProblem,
  'SpendInput.groupBy': groupsProblem,
}

/** What is said instead of the usual when a field has none of its forms. */
export const fieldHints: Readonly<Record<string, string>> = {
  'CreateUserInput.apiKey': API_KEY_HINT,
  'WatchCostsInput.lastEventId': EVENT_ID_HINT,
}
