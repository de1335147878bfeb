import { appRouter, type Context, type ErrorShape } from '@mgx/api'
import { callTRPCProcedure, getTRPCErrorFromUnknown, getTRPCErrorShape, type TRPCError } from '@trpc/server'

export type ProcedureCall = {
  path: string
  type: 'query' | 'mutation'
  /** Where the call stands in its batch. */
  index: number
  /** Reads the input; asked once the caller is known. */
  input: () => unknown
}

export type ProcedureAnswer = { ok: true; data: unknown } | { ok: false; error: ErrorShape }

/** Runs one procedure; a failure is answered as the error formatter writes it, after `onError` has heard of it. */
export async function callProcedure(
  { path, type, index, input }: ProcedureCall,
  ctx: Context,
  onError: (error: TRPCError) => void,
): Promise<ProcedureAnswer> {
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
    return { ok: true, data }
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause)
    onError(error)
    const config = appRouter._def._config
    return { ok: false, error: getTRPCErrorShape({ config, error, type, path, input: given, ctx }) }
  }
}
