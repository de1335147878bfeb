import { appRouter, type Context } from '@mgx/api'
import { callTRPCProcedure, getTRPCErrorFromUnknown, getTRPCErrorShape, type TRPCError } from '@trpc/server'
import { type PlainRequest, readInputs } from './plain-request.js'

const BATCH_OF_DIFFERENT_STATUSES = 207

export type DirectAnswer = { status: number; body: string }

/**
 * Runs plain JSON calls and answers as tRPC's HTTP layer would, without its web Request, streams and abort signals,
 * which cost several times what a procedure does. `text` is the JSON of the inputs; `onError` hears of every call that
 * failed.
 */
export async function answerDirectly(
  { isBatch, paths, type }: PlainRequest,
  text: string,
  ctx: Context,
  onError: (error: TRPCError) => void,
): Promise<DirectAnswer> {
  // Read when first asked for, because who calls is judged before what is sent.
  let inputs: Record<number, unknown> | undefined
  const inputOf = (index: number): unknown => {
    inputs ??= readInputs(text, isBatch)
    return inputs[index]
  }
  const answers = await Promise.all(
    paths.map((path, index) => answerOf({ path, type, index, input: () => inputOf(index) }, ctx, onError)),
  )
  const [first, ...others] = answers.map(({ status }) => status)
  const bodies = answers.map(({ body }) => JSON.stringify(body))
  return {
    status: first !== undefined && others.every((status) => status === first) ? first : BATCH_OF_DIFFERENT_STATUSES,
    body: isBatch ? `[${bodies.join(',')}]` : bodies.join(),
  }
}

type Call = { path: string; type: 'query' | 'mutation'; index: number; input: () => unknown }

async function answerOf(
  { path, type, index, input }: Call,
  ctx: Context,
  onError: (error: TRPCError) => void,
): Promise<{ status: number; body: object }> {
  let given: unknown
  const getRawInput = async () => {
    given = input()
    return given
  }
  try {
    const data: unknown = await callTRPCProcedure({
      router: appRouter,
      ctx,
      path,
      type,
      getRawInput,
      batchIndex: index,
      signal: undefined,
    })
    return { status: 200, body: { result: { data } } }
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause)
    onError(error)
    const shape = getTRPCErrorShape({ config: appRouter._def._config, error, type, path, input: given, ctx })
    return { status: shape.data.httpStatus, body: { error: shape } }
  }
}
