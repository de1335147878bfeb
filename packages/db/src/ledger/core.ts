import {
  DomainError,
  formatUsd,
  invalidField,
  MAX_NANO_USD,
  type NanoUsd,
  notFound,
  type PriceSource,
} from '@mgx/contract'
import { inScope, type Scope } from '../scope.js'

/** A project as the ledger sees it. Amounts in nano-USD. */
export type ProjectAccount = {
  readonly id: number
  readonly userId: number
  readonly limit: NanoUsd
  readonly spent: NanoUsd
  readonly reserved: NanoUsd
}

/** A user as the ledger sees it. Amounts in nano-USD. */
export type UserAccount = { readonly id: number; readonly spent: NanoUsd }

/** What a call costs, and where that figure came from. */
export type Price = { readonly amount: NanoUsd; readonly source: PriceSource }

/** What a model call was, apart from its price. Tokens are counts. */
export type Usage = {
  readonly model: string
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedPromptTokens: number
  readonly actionType: string | null
}

/** "Write this cost." The hash tells the content of two calls with one idempotency key apart. */
export type RecordOperation = {
  readonly scope: Scope
  readonly projectId: number
  readonly usage: Usage
  readonly price: Price | DomainError
  readonly idempotencyKey: string | null
  readonly requestHash: string
}

/** A cost record to be written; `budget` is the project right after it. */
export type Charge = { readonly operation: RecordOperation; readonly price: Price; readonly budget: ProjectAccount }

/** The earlier answer to a key; `Written` is the shell's form of a record that is stored already. */
export type Answer<Written> = { readonly requestHash: string; readonly outcome: Outcome<Written> }

export type Outcome<Written> =
  | { readonly kind: 'charged'; readonly index: number; readonly budget: ProjectAccount }
  | { readonly kind: 'repeated'; readonly written: Written }
  | { readonly kind: 'refused'; readonly error: DomainError }

/** Everything the operations of one group may look at; the accounts are locked. */
export type Books<Written> = {
  readonly projects: ReadonlyMap<number, ProjectAccount>
  readonly users: ReadonlyMap<number, UserAccount>
  readonly answers: ReadonlyMap<string, Answer<Written>>
}

/** What to persist, and one outcome per operation, in order. Only accounts that changed are listed. */
export type Decision<Written> = {
  readonly projects: ReadonlyMap<number, ProjectAccount>
  readonly users: ReadonlyMap<number, UserAccount>
  readonly charges: readonly Charge[]
  readonly outcomes: readonly Outcome<Written>[]
}

/** Where an answer is kept: idempotency keys are a project's own. */
export function answerKey(projectId: number, idempotencyKey: string): string {
  return `${projectId}:${idempotencyKey}`
}

/**
 * Decides a group of operations one after the other, as if each were alone. Pure: same books and operations, same
 * decision. A refused operation changes nothing and leaves its neighbours and its idempotency key untouched.
 */
export function decide<Written>(books: Books<Written>, operations: readonly RecordOperation[]): Decision<Written> {
  const projects = new Map<number, ProjectAccount>()
  const users = new Map<number, UserAccount>()
  const answers = new Map(books.answers)
  const charges: Charge[] = []

  function outcomeOf(operation: RecordOperation): Outcome<Written> {
    const { projectId, scope, price, idempotencyKey, requestHash } = operation
    const project = projects.get(projectId) ?? books.projects.get(projectId)
    if (!project || !inScope(scope, { userId: project.userId, projectId })) return refused(notFound('project'))

    const key = idempotencyKey === null ? null : answerKey(projectId, idempotencyKey)
    const earlier = key === null ? undefined : answers.get(key)
    if (earlier) return earlier.requestHash === requestHash ? earlier.outcome : refused(mismatch())
    if (price instanceof DomainError) return refused(price)

    const user = users.get(project.userId) ?? books.users.get(project.userId)
    if (!user) throw new Error(`the account of user ${project.userId} is not in the books`)
    const spent = project.spent + price.amount
    const userSpent = user.spent + price.amount
    if (userSpent > MAX_NANO_USD) return refused(pastLargest())

    const budget = { ...project, spent }
    projects.set(projectId, budget)
    users.set(user.id, { ...user, spent: userSpent })
    charges.push({ operation, price, budget })
    const outcome = { kind: 'charged', index: charges.length - 1, budget } as const
    if (key !== null) answers.set(key, { requestHash, outcome })
    return outcome
  }

  const outcomes = operations.map(outcomeOf)
  return { projects, users, charges, outcomes }
}

function refused(error: DomainError): { kind: 'refused'; error: DomainError } {
  return { kind: 'refused', error }
}

function mismatch(): DomainError {
  return new DomainError('idempotency_mismatch', 'this idempotency key was used with other content')
}

function pastLargest(): DomainError {
  return invalidField('totalCost', `the total would be past ${formatUsd(MAX_NANO_USD)} USD, the largest amount`)
}
