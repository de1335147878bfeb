import { z } from 'zod'
import { id, instant, instantInput, text } from './fields.js'
import { pageInput } from './page.js'

/** What a key may do: `read` calls queries, `write` calls mutations. */
export const ApiKeyScope = z.enum(['read', 'write'])
export type ApiKeyScope = z.infer<typeof ApiKeyScope>

export const ApiKey = z
  .object({
    id,
    userId: id,
    name: z.string(),
    prefix: z.string().describe('The first characters of the key, to tell it by.'),
    scopes: z.array(ApiKeyScope).meta({ kind: 'json' }),
    expiresAt: instant.nullable(),
    lastUsedAt: instant.nullable().describe('Kept to about a minute.'),
    revokedAt: instant.nullable(),
    createdAt: instant,
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

export const CreateApiKeyInput = z.strictObject({
  name: text(100).meta({ examples: ['night runs'] }),
  userId: id.optional().describe('Admins only: whose key; without it, the caller.'),
  scopes: z.array(ApiKeyScope).min(1).max(2).default(['read', 'write']),
  expiresAt: instantInput.optional().describe('ISO-8601 with a zone, in the future.'),
})
export type CreateApiKeyInput = z.infer<typeof CreateApiKeyInput>

export const CreatedApiKey = z.object({
  apiKey: ApiKey,
  key: z.string().describe('The plain key, shown this once.'),
})

export const ListApiKeysInput = z
  .strictObject({
    userId: id.optional().describe('Admins only: whose keys.'),
    ...pageInput,
  })
  .prefault({})
export const ApiKeyId = z.strictObject({ id }).meta({ examples: [{ id: 2 }] })
