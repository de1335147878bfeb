import { z } from 'zod'
import { id, instant, instantInput, text } from './fields.js'
import { jsonObject } from './metadata.js'
import { pageInput } from './page.js'

const state = jsonObject.meta({ kind: 'json' }).nullable()

export const AuditEntry = z
  .object({
    id,
    userId: id.nullable().describe('The user whom the change concerns; null when it concerns all.'),
    actor: z.string().describe('Who made the change: `user:1`, or `system` for the server itself.'),
    credential: z
      .string()
      .nullable()
      .describe('What the actor called with: `apiKey:7`, `session:3`, `accessToken:7` or `identity:2`.'),
    action: z.string().describe('The procedure that made the change, such as `projects.update`.'),
    subject: z.string().describe('What was changed, such as `project:5`.'),
    before: state.describe('The fields that changed, as they were; null when the subject is new.'),
    after: state.describe('The same fields afterwards; all fields of a new subject.'),
    requestId: z.string().nullable(),
    address: z.string().nullable().describe('The network address of the caller.'),
    createdAt: instant,
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.infer<typeof AuditEntry>

/** Long enough for every name: the longest subjects contain a model name. */
const name = text(300)

export const ListAuditInput = z
  .strictObject({
    userId: id.optional().describe('Only changes that concern this user.'),
    actor: name.optional().describe('Only changes by this actor: `user:1` or `system`.'),
    action: name.optional().describe('Only changes by this procedure, such as `projects.update`.'),
    subject: name
      .optional()
      .describe('Only changes of this subject: `user:1`, `apiKey:7`, `session:3`, `project:5`, `model:gpt-4o`.'),
    from: instantInput.optional().describe('ISO-8601; only changes made at or after this instant.'),
    to: instantInput.optional().describe('ISO-8601; only changes made before this instant.'),
    ...pageInput,
  })
  .prefault({})
export type ListAuditInput = z.infer<typeof ListAuditInput>

export const FailedSignIns = z
  .object({
    address: z
      .string()
      .describe('An IPv4 address, or an IPv6 network such as `2001:db8:0:1::/64`; `others` where there were too many.'),
    hour: instant.describe('The beginning of the hour, UTC.'),
    count: z.int().min(1).describe('How many wrong credentials came from the address within the hour.'),
  })
  .meta({ id: 'FailedSignIns' })
export type FailedSignIns = z.infer<typeof FailedSignIns>

export const ListFailedSignInsInput = z
  .strictObject({
    from: instantInput.optional().describe('ISO-8601; only hours that begin at or after this instant.'),
    to: instantInput.optional().describe('ISO-8601; only hours that begin before this instant.'),
    ...pageInput,
  })
  .prefault({})
export type ListFailedSignInsInput = z.infer<typeof ListFailedSignInsInput>
