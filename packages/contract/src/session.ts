import { z } from 'zod'
import { id, instant, optionalText } from './fields.js'
import { metadata, metadataInput } from './metadata.js'
import { pageInput } from './page.js'

export const SessionStatus = z.enum(['active', 'expired', 'closed'])
export type SessionStatus = z.infer<typeof SessionStatus>

export const Session = z
  .object({
    id,
    userId: id,
    projectId: id.nullable().describe('When set, the session can access only this project.'),
    status: SessionStatus,
    metadata: metadata.nullable(),
    createdAt: instant,
    expiresAt: instant,
  })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof Session>

const YEAR_SECONDS = 365 * 24 * 3600
const ttlSeconds = z.int().min(1).max(YEAR_SECONDS)

export const CreateSessionInput = z
  .strictObject({
    projectId: id.nullish().describe('Binds the session to one project.'),
    ttlSeconds: ttlSeconds
      .default(24 * 3600)
      .describe('Seconds until the session expires. Defaults to a day; at most a year.'),
    metadata: metadataInput.nullish(),
  })
  .meta({ examples: [{ projectId: 1, ttlSeconds: 900 }] })
  .prefault({})
export type CreateSessionInput = z.infer<typeof CreateSessionInput>

export const CreatedSession = z.object({
  session: Session,
  token: z.string().describe('The plain token. It is returned only here.'),
})

export const SessionId = z.strictObject({ id })
export const SessionToken = z.strictObject({ token: optionalText(200).meta({ examples: ['mgx_ses_…'] }) })
export const ListSessionsInput = z
  .strictObject({
    projectId: id.optional(),
    status: SessionStatus.optional(),
    ...pageInput,
  })
  .prefault({})
export type ListSessionsInput = z.infer<typeof ListSessionsInput>

export const ExtendSessionInput = z.strictObject({
  id,
  ttlSeconds: ttlSeconds.meta({ description: 'Seconds from now until the session expires.', examples: [3600] }),
})
