import { z } from 'zod'
import { id, instant, instantInput, text } from './fields.js'
import { pageInput } from './page.js'

/** What a key may do: `read` allows queries, `write` allows mutations. */
export const ApiKeyScope = z.enum(['read', 'write'])
export type ApiKeyScope = z.infer<typeof ApiKeyScope>

export const ApiKey = z
  .object({
    id,
    userId: id,
    name: z.string(),
    prefix: z.string().describe('The first characters of the key, for telling keys apart.'),
    scopes: z.array(ApiKeyScope).meta({ kind: 'json' }),
    expiresAt: instant.nullable(),
    lastUsedAt: instant.nullable().describe('Accurate to about a minute.'),
    revokedAt: instant.nullable(),
    createdAt: instant,
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

export const CreateApiKeyInput = z.strictObject({
  name: text(100).meta({ examples: ['night runs'] }),
  userId: id.optional().describe('Admins only: the user the key is for. Defaults to the caller.'),
  scopes: z.array(ApiKeyScope).min(1).max(2).default(['read', 'write']),
  expiresAt: instantInput.optional().describe('ISO-8601 with a time zone; must be in the future.'),
})
export type CreateApiKeyInput = z.infer<typeof CreateApiKeyInput>

export const CreatedApiKey = z.object({
  apiKey: ApiKey,
  key: z.string().describe('The plain key. It is returned only here.'),
})

export const ListApiKeysInput = z
  .strictObject({
    userId: id.optional().describe('Admins only: the user whose keys to list. Defaults to the caller.'),
    ...pageInput,
  })
  .prefault({})
export const ApiKeyId = z.strictObject({ id }).meta({ examples: [{ id: 2 }] })
