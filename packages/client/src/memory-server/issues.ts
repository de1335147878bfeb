import { DomainError, type InvalidField } from '@mgx/contract'

/** What is wrong with a part of an input. One that is `fatal` says that it is of another form. */
export type Issue = InvalidField & { readonly fatal: boolean }

/** A caller chooses the names of its fields; it need not hear all of them back. */
const MAX_PATH_LENGTH = 200

/** The refusal of an input, as the server words it. */
export function invalidInput(issues: readonly Issue[]): DomainError {
  const fields = issues.map(({ path, message }) => ({ path: path.slice(0, MAX_PATH_LENGTH), message }))
  const message = fields.map((field) => (field.path ? `${field.path}: ${field.message}` : field.message)).join('; ')
  return new DomainError('invalid_input', message.slice(0, 1_000), { fields: fields.slice(0, 100) })
}

/**
 * The issues to tell of when a value has none of the forms it may have: those of the form it is of, or else comes nearest
 * to. Undefined when it resembles none.
 */
export function nearestIssues(forms: readonly (readonly Issue[])[], path: string): readonly Issue[] | undefined {
  const near = forms.filter((issues) => issues.every(({ fatal }) => !fatal))
  if (near.length === 1) return near[0]
  const [nearest] = [...forms].sort((a, b) => a.length - b.length)
  return nearest?.some((issue) => issue.path !== path) ? nearest : undefined
}
