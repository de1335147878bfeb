import type { Context } from '@mgx/api'
import type { TRPCError } from '@trpc/server'
import { callProcedure } from '../http/procedure-call.js'
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
    paths.map((path, index) => callProcedure({ path, type, index, input: () => inputOf(index) }, ctx, onError)),
  )
  const [first, ...others] = answers.map((answer) => (answer.ok ? 200 : answer.error.data.httpStatus))
  const bodies = answers.map((answer) =>
    JSON.stringify(answer.ok ? { result: { data: answer.data } } : { error: answer.error }),
  )
  return {
    status: first !== undefined && others.every((status) => status === first) ? first : BATCH_OF_DIFFERENT_STATUSES,
    body: isBatch ? `[${bodies.join(',')}]` : bodies.join(),
  }
}
