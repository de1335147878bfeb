import type { ErrorShape } from '@mgx/api'
import { type Reason, reasons } from '@mgx/contract'
import { z } from 'zod'

const names = Object.keys(reasons) as [Reason, ...Reason[]]
const statuses = names.map((name) => `\`${name}\` ${reasons[name].httpStatus}`).join(', ')

/** The body of every answer over REST that is not a success. */
export const RestError = z
  .object({
    reason: z.enum(names).describe(`One of a closed list, each with its status: ${statuses}.`),
    message: z.string().describe('For people; may change.'),
    requestId: z.string().nullable().describe('As in the header x-request-id; it names the request in the log.'),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Facts to act on; which ones depends on the reason.'),
  })
  .describe('Why a request was refused.')
export type RestError = z.infer<typeof RestError>

/** What a failed call says over REST: the facts it has on tRPC's wire, without tRPC's form. */
export function restErrorOf({ message, data: { reason, requestId, details } }: ErrorShape): RestError {
  return { reason, message, requestId, ...(details && { details }) }
}

/** Whether a URL lies under `/api`, where errors have that form. */
export function isRest(url: string): boolean {
  return /^\/api(?=[/?]|$)/.test(url)
}
