import { appRouter, type Context } from '@mgx/api'
import { callTRPCProcedure, getTRPCErrorFromUnknown, getTRPCErrorShape, type TRPCError } from '@trpc/server'
import type { PlainCall, PlainRequest } from './plain-request.js'

const BATCH_OF_DIFFERENT_STATUSES = 207

export type DirectAnswer = { status: number; body: string }

/**
 * Runs plain JSON calls and answers as tRPC's HTTP layer would, without its web Request, streams and abort signals,
 * which cost several times what a procedure does. `onError` hears of every call that failed.
 */
export async function answerDirectly(
  { isBatch, calls }: PlainRequest,
  ctx: Context,
  onError: (error: TRPCError) => void,
): Promise<DirectAnswer> {
  const answers = await Promise.all(calls.map((call, index) => answerOf(call, index, ctx, onError)))
  const [first, ...others] = answers.map(({ status }) => status)
  const bodies = answers.map(({ body }) => JSON.stringify(body))
  return {
    status: first !== undefined && others.every((status) => status === first) ? first : BATCH_OF_DIFFERENT_STATUSES,
    body: isBatch ? `[${bodies.join(',')}]` : bodies.join(),
  }
}

async function answerOf(
  { path, type, input }: PlainCall,
  batchIndex: number,
  ctx: Context,
  onError: (error: TRPCError) => void,
): Promise<{ status: number; body: object }> {
  try {
    const getRawInput = async () => input
    const data: unknown = await callTRPCProcedure({
      router: appRouter,
      ctx,
      path,
      type,
      getRawInput,
      batchIndex,
      signal: undefined,
    })
    return { status: 200, body: { result: { data } } }
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause)
    onError(error)
    const shape = getTRPCErrorShape({ config: appRouter._def._config, error, type, path, input, ctx })
    return { status: shape.data.httpStatus, body: { error: shape } }
  }
}
