import { z } from 'zod'
import { id, instant, instantInput, text } from './fields.js'
import { pageInput } from './page.js'

/**
 * What a credential may do, each including those before it: `read` allows queries; `record` also what an agent needs to
 * spend within a budget; `write` all that a member may do; `admin`, for admins only, everything.
 */
export const ApiKeyScope = z.enum(['read', 'record', 'write', 'admin'])
export type ApiKeyScope = z.infer<typeof ApiKeyScope>

export const ApiKey = z
  .object({
    id,
    userId: id,
    projectId: id.nullable().describe('When set, the key can access only this project, until the project ends.'),
    name: z.string(),
    prefix: z.string().describe('The first characters of the key, for telling keys apart.'),
    scopes: z.array(ApiKeyScope).meta({ kind: 'json' }),
    callsPerMinute: z
      .int()
      .nullable()
      .describe("The most calls a minute; null: the server's own limit, if it has one."),
    expiresAt: instant.nullable(),
    rotatedAt: instant.nullable().describe('When the key was replaced; it is valid until `expiresAt`.'),
    lastUsedAt: instant.nullable().describe('Accurate to about a minute.'),
    revokedAt: instant.nullable(),
    createdAt: instant,
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

export const CreateApiKeyInput = z.strictObject({
  name: text(100).meta({ examples: ['night runs'] }),
  userId: id.optional().describe('Admins only: the user the key is for. Defaults to the caller.'),
  scopes: z
    .array(ApiKeyScope)
    .min(1)
    .max(ApiKeyScope.options.length)
    .optional()
    .describe('Each scope includes those before it. Defaults to `write` for a member and to `admin` for an admin.'),
  projectId: id.optional().describe('Binds the key to one project of its user. The key ends with the project.'),
  callsPerMinute: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe("The most calls a minute, instead of the server's own limit."),
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

const DAY_SECONDS = 24 * 3600
export const RotateApiKeyInput = z
  .strictObject({
    id,
    overlapSeconds: z
      .int()
      .min(0)
      .max(7 * DAY_SECONDS)
      .default(DAY_SECONDS)
      .describe(
        'Seconds for which the replaced key stays valid, beside the new one. Defaults to a day; at most seven.',
      ),
  })
  .meta({ examples: [{ id: 2, overlapSeconds: 3600 }] })
export type RotateApiKeyInput = z.infer<typeof RotateApiKeyInput>
