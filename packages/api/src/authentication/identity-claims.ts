import { randomBytes } from 'node:crypto'
import { ApiKeyScope, CreateUserInput } from '@mgx/contract'
import { highest } from '../authority/scopes.js'

/** The claims of a token that its issuer signed. `iss` and `sub` name the account. */
export type IdentityClaims = { readonly iss: string; readonly sub: string; readonly [claim: string]: unknown }

/** A claim whose value names the admins, such as `groups=admins`. */
export type AdminClaim = { readonly claim: string; readonly value: string }

/** Whether a token names its user an admin: the claim is the value, or a list that contains it. */
export function namesAdmin(claims: IdentityClaims, admin: AdminClaim | undefined): boolean {
  if (!admin || !Object.hasOwn(claims, admin.claim)) return false
  const found = claims[admin.claim]
  return (Array.isArray(found) ? found : [found]).some((each) => isSimple(each) && String(each) === admin.value)
}

const isSimple = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)

const PREFIX = 'mgx:'

/**
 * Returns the highest scope that a token grants by `mgx:…` in its claim `scope` or `scp`, each a list or a text with
 * spaces; `read` when none of them is ours, and undefined when the token has neither claim.
 */
export function grantedScope({ scope, scp }: IdentityClaims): ApiKeyScope | undefined {
  const claims = [scope, scp].filter((claim) => claim !== undefined)
  if (claims.length === 0) return undefined
  const words = claims.flatMap((claim) => (Array.isArray(claim) ? claim : String(claim).split(' ')))
  const ours = words.flatMap((word) => {
    if (typeof word !== 'string' || !word.startsWith(PREFIX)) return []
    const { data } = ApiKeyScope.safeParse(word.slice(PREFIX.length))
    return data ? [data] : []
  })
  return highest(ours)
}

const { username: Username, email: Email } = CreateUserInput.shape
const MAX_USERNAME = 100
const newSuffix = () => randomBytes(4).toString('hex')

/** Returns the username that a token suggests: `preferred_username`, `email` or `sub`, with a suffix if that is illegal. */
export function suggestedUsername({ preferred_username: preferred, email, sub }: IdentityClaims): string {
  const wanted = [preferred, email].find((name) => typeof name === 'string' && name !== '') ?? sub
  const { data } = Username.safeParse(wanted)
  return data ?? withSuffix(String(wanted))
}

/** Returns a legal username that begins like this name and is not taken by chance. */
export function withSuffix(name: string): string {
  const suffix = `-${newSuffix()}`
  // Code points, so that no surrogate is left alone.
  const visible = [...name.slice(0, MAX_USERNAME).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')]
  let begin = visible.join('').trim()
  while (begin.length + suffix.length > MAX_USERNAME) begin = [...begin].slice(0, -1).join('')
  return `${begin === '' ? 'user' : begin}${suffix}`
}

/** Returns the email of a token, unless it is not legal or its issuer says that it is not verified. */
export function suggestedEmail({ email, email_verified: isVerified }: IdentityClaims): string | undefined {
  if (isVerified === false || isVerified === 'false') return undefined
  return Email.safeParse(email).data
}

/** Returns an address that cannot receive mail, for a user whose token has none: such as `ada@login.example.com.invalid`. */
export function placeholderEmail({ iss, sub }: IdentityClaims, isTaken: boolean): string {
  const suffix = isTaken ? `-${newSuffix()}` : ''
  const local = sub.replaceAll(/[^A-Za-z0-9_+-]+/g, '-').slice(0, 50)
  const host = URL.canParse(iss) ? new URL(iss).hostname.slice(0, 150) : ''
  const { data } = Email.safeParse(`${local}${suffix}@${host}.invalid`)
  return data ?? `user-${newSuffix()}@identity.invalid`
}
