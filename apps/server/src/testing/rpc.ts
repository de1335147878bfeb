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

/** The plainest client there is: one POST a call. Answers the data. @throws Error with the reason, or when there is no answer. */
export async function call(
  server: { url: string; apiKey: string },
  procedure: string,
  input?: unknown,
): Promise<unknown> {
  const response = await fetch(`${server.url}/trpc/${procedure}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
    ...(input !== undefined && { body: JSON.stringify(input) }),
  })
  const reply = Reply.parse(await response.json())
  if ('error' in reply) throw new Error(`${reply.error.data.reason}: ${reply.error.message}`)
  return reply.result.data
}
