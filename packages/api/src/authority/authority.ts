import { type ApiKeyScope, DomainError, notFound } from '@mgx/contract'
import { inScope } from '@mgx/db'
import { type Actor, ADMINS_ONLY, isAdmin, scopeOf } from './actor.js'
import { includes } from './scopes.js'

/** Returns why a caller is refused; undefined when the caller meets the condition. */
type Condition = (caller: Actor) => string | undefined

const unbound: Condition = ({ projectId }) =>
  projectId === null ? undefined : 'this credential can access only its project'
const lasting: Condition = ({ credential }) =>
  credential.kind === 'apiKey' || (credential.kind === 'session' && credential.isSignIn)
    ? undefined
    : 'this needs an API key or a signed-in person: a session or a token is not enough'
const admin: Condition = (caller) => (isAdmin(caller) ? undefined : ADMINS_ONLY)

type Callers = { readonly credential: string; readonly which?: string; readonly conditions: readonly Condition[] }
type Rule = Callers & { readonly scope: ApiKeyScope }

const NOT_BOUND = ' that is not bound to one project'
const any: Callers = { credential: 'a credential', conditions: [] }
const user: Callers = { credential: 'a credential', which: NOT_BOUND, conditions: [unbound] }
const keyHolder: Callers = { credential: 'an API key', which: NOT_BOUND, conditions: [unbound, lasting] }
const anyAdmin: Callers = { credential: "an admin's credential", which: NOT_BOUND, conditions: [admin] }
const adminKeyHolder: Callers = { credential: "an admin's API key", which: NOT_BOUND, conditions: [admin, lasting] }

/**
 * What each authority requires of a caller. `record` is what an agent needs to spend within a budget; `user:` concerns
 * a user rather than one project; `credentials:` concerns what outlives a session, so it refuses sessions and tokens,
 * except those of people who signed in.
 */
const rules = {
  read: { scope: 'read', ...any },
  record: { scope: 'record', ...any },
  write: { scope: 'write', ...any },
  'user:read': { scope: 'read', ...user },
  'user:write': { scope: 'write', ...user },
  'credentials:read': { scope: 'read', ...keyHolder },
  'credentials:write': { scope: 'write', ...keyHolder },
  admin: { scope: 'admin', ...anyAdmin },
  'admin:credentials': { scope: 'admin', ...adminKeyHolder },
} satisfies Record<string, Rule>

/** Who may call a procedure, as one of a closed set of words; `public` means anyone. */
export type Authority = 'public' | keyof typeof rules

export function isAuthority(word: string | undefined): word is Authority {
  return word === 'public' || (word !== undefined && Object.hasOwn(rules, word))
}

/** The owner of a row that an action concerns. */
export type Subject = { readonly userId: number; readonly projectId: number }

/** Whether an action is allowed, or the error that refuses it. */
export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly refusal: DomainError }

/**
 * Decides whether an actor may take an action of this authority, and on this subject if one is given. Refuses with
 * `forbidden` when the credential may never take the action, and with `not_found` when the subject is not the actor's to
 * see.
 */
export function may(actor: Actor, action: Authority, subject?: Subject): Decision {
  if (action === 'public') return ALLOWED
  const { scope, conditions }: Rule = rules[action]
  if (!includes(actor.scope, scope)) return forbidden(`this credential does not have the scope \`${scope}\``)
  for (const condition of conditions) {
    const message = condition(actor)
    if (message !== undefined) return forbidden(message)
  }
  return !subject || inScope(scopeOf(actor), subject) ? ALLOWED : { allowed: false, refusal: notFound('project') }
}

/** @throws DomainError when the actor may not take an action of this authority. */
export function requireMay(actor: Actor, action: Authority): void {
  const decision = may(actor, action)
  if (!decision.allowed) throw decision.refusal
}

const ALLOWED: Decision = { allowed: true }
const forbidden = (message: string): Decision => ({ allowed: false, refusal: new DomainError('forbidden', message) })

/** Returns a sentence that says what a caller needs. */
export function authorityInWords(authority: Authority): string {
  if (authority === 'public') return 'Needs no credential.'
  const { scope, credential, which = '' }: Rule = rules[authority]
  return `Needs ${credential} with the scope \`${scope}\`${which}.`
}
