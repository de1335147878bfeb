import { z } from 'zod'
import { id, instant, text } from './fields.js'
import { pageInput } from './page.js'

/** An account at another issuer of tokens, which is linked to a user: its tokens are accepted as that user's. */
export const Identity = z
  .object({
    id,
    userId: id,
    issuer: z.string().describe('The `iss` of its tokens.'),
    subject: z.string().describe('The `sub` of its tokens.'),
    createdAt: instant,
  })
  .meta({ id: 'Identity' })
export type Identity = z.infer<typeof Identity>

/** Both are part of one index, whose rows PostgreSQL limits to about 2,700 bytes. */
export const identityName = {
  issuer: z.string().regex(/^https?:\/\/[\x21-\x7e]{1,490}$/, 'must be an http or https URL of at most 498 characters'),
  subject: text(255),
}

export const CreateIdentityInput = z
  .strictObject({
    userId: id,
    issuer: identityName.issuer.describe('The `iss` of its tokens, exactly: a slash at the end makes another issuer.'),
    subject: identityName.subject.describe('The `sub` of its tokens.'),
  })
  .meta({ examples: [{ userId: 2, issuer: 'https://login.example.com', subject: 'ada' }] })
export type CreateIdentityInput = z.infer<typeof CreateIdentityInput>

export const ListIdentitiesInput = z
  .strictObject({
    userId: id.optional().describe('Admins only: the user whose identities to list. Defaults to the caller.'),
    ...pageInput,
  })
  .prefault({})
export const IdentityId = z.strictObject({ id }).meta({ examples: [{ id: 1 }] })
