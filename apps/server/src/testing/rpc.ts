import { type Reason, reasons } from '@mgx/contract'
import { z } from 'zod'

const Reply = z.union([
  z.object({ result: z.object({ data: z.unknown() }) }),
  z.object({
    error: z.object({
      message: z.string(),
      data: z.object({
        reason: z.enum(Object.keys(reasons) as [Reason, ...Reason[]]),
        httpStatus: z.number(),
        requestId: z.string().nullable(),
      }),
    }),
  }),
])

/** The server to call, and the API key to call it with. */
export type Caller = { url: string; apiKey: string }

/** Calls a procedure with one POST and returns its data. @throws Error with the reason, or when there is no response. */
export async function call({ url, apiKey }: Caller, procedure: string, input?: unknown): Promise<unknown> {
  const response = await fetch(`${url}/trpc/${procedure}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(input !== undefined && { body: JSON.stringify(input) }),
  })
  const reply = Reply.parse(await response.json())
  if ('error' in reply) throw new Error(`${reply.error.data.reason}: ${reply.error.message}`)
  return reply.result.data
}
