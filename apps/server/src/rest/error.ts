import type { ErrorShape } from '@mgx/api'
import { type Reason, reasons } from '@mgx/contract'
import { z } from 'zod'

const names = Object.keys(reasons) as [Reason, ...Reason[]]
const statuses = names.map((name) => `\`${name}\` ${reasons[name].httpStatus}`).join(', ')

/** The body of every REST response that is not a success. */
export const RestError = z
  .object({
    reason: z.enum(names).describe(`One of a closed list, each with its HTTP status: ${statuses}.`),
    message: z.string().describe('For people; the wording may change.'),
    requestId: z.string().nullable().describe("The same as in the header x-request-id; find it in the server's log."),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Facts for programs; which ones depends on the reason.'),
  })
  .describe('Why a request was refused or failed.')
export type RestError = z.infer<typeof RestError>

/** Returns the REST error for a tRPC error: the same facts without tRPC's envelope. */
export function restErrorOf({ message, data: { reason, requestId, details } }: ErrorShape): RestError {
  return { reason, message, requestId, ...(details && { details }) }
}

/** Returns whether a URL is under `/api` or `/auth`, where errors have this format. */
export function isRest(url: string): boolean {
  return /^\/(api|auth)(?=[/?]|$)/.test(url)
}
