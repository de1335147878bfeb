import { type ApiKeyScope, DomainError } from '@mgx/contract'
import { type Actor, ADMINS_ONLY, isAdmin } from './actor.js'

/** Returns why a caller is refused; undefined when the caller meets the condition. */
type Condition = (caller: Actor) => string | undefined

const unbound: Condition = ({ projectId }) =>
  projectId === null ? undefined : 'this session can access only its project'
const apiKey: Condition = ({ sessionId }) =>
  sessionId === null ? undefined : 'this needs an API key: a session is not enough'
const admin: Condition = (caller) => (isAdmin(caller) ? undefined : ADMINS_ONLY)

type Callers = { readonly credential: string; readonly which?: string; readonly conditions: readonly Condition[] }
type Rule = Callers & { readonly scope: ApiKeyScope }

const NOT_BOUND = ' that is not bound to one project'
const any: Callers = { credential: 'a credential', conditions: [] }
const user: Callers = { credential: 'a credential', which: NOT_BOUND, conditions: [unbound] }
const keyHolder: Callers = { credential: 'an API key', conditions: [unbound, apiKey] }
const anyAdmin: Callers = { credential: "an admin's credential", which: NOT_BOUND, conditions: [admin] }
const adminKeyHolder: Callers = { credential: "an admin's API key", conditions: [unbound, apiKey, admin] }

/**
 * What each authority requires of a caller. `record` is what an agent needs to spend within a budget; `user:` concerns
 * a user rather than one project; `credentials:` concerns what outlives a session, so it refuses sessions.
 */
const rules = {
  read: { scope: 'read', ...any },
  record: { scope: 'write', ...any },
  write: { scope: 'write', ...any },
  'user:read': { scope: 'read', ...user },
  'user:write': { scope: 'write', ...user },
  'credentials:read': { scope: 'read', ...keyHolder },
  'credentials:write': { scope: 'write', ...keyHolder },
  'admin:read': { scope: 'read', ...anyAdmin },
  'admin:write': { scope: 'write', ...anyAdmin },
  'admin:credentials': { scope: 'write', ...adminKeyHolder },
} satisfies Record<string, Rule>

/** Who may call a procedure, as one of a closed set of words; `public` means anyone. */
export type Authority = 'public' | keyof typeof rules

export function isAuthority(word: string | undefined): word is Authority {
  return word === 'public' || (word !== undefined && Object.hasOwn(rules, word))
}

/** Returns why a caller may not call a procedure of this authority; undefined when the caller may. */
export function refusalOf(authority: Authority, caller: Actor): string | undefined {
  if (authority === 'public') return undefined
  const { scope, conditions }: Rule = rules[authority]
  if (!caller.scopes.includes(scope)) return `this API key may not ${scope}`
  for (const condition of conditions) {
    const refusal = condition(caller)
    if (refusal) return refusal
  }
  return undefined
}

/** @throws DomainError `forbidden` when the caller may not call a procedure of this authority. */
export function requireAuthority(authority: Authority, caller: Actor): void {
  const refusal = refusalOf(authority, caller)
  if (refusal) throw new DomainError('forbidden', refusal)
}

/** Returns a sentence that says what a caller needs. */
export function authorityInWords(authority: Authority): string {
  if (authority === 'public') return 'Needs no credential.'
  const { scope, credential, which = '' }: Rule = rules[authority]
  return `Needs ${credential} with the scope \`${scope}\`${which}.`
}
