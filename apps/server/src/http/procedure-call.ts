import type { IncomingHttpHeaders } from 'node:http'
import {
  addIfRefused,
  appRouter,
  type Context,
  createContext,
  type ErrorShape,
  logAroundProcedures,
  type Services,
} from '@mgx/api'
import { callTRPCProcedure, getTRPCErrorFromUnknown, getTRPCErrorShape } from '@trpc/server'
import { countingSession } from '../auth/cookies.js'

export type ProcedureCall = {
  path: string
  type: 'query' | 'mutation'
  /** The position of the call in its batch. */
  index: number
  /** Reads the input; called only after authentication. */
  input: () => unknown
}

export type ProcedureAnswer = { ok: true; data: unknown } | { ok: false; error: ErrorShape }

/** Creates the context that all calls of a request share. */
export function contextOf(
  services: Services,
  { headers, ...request }: { requestId: string; address: string; bytesPerCall: number; headers: IncomingHttpHeaders },
): Context {
  const cookie = countingSession(headers, services.publicUrl)
  return createContext(services, { authorization: headers.authorization, cookie, headers, ...request })
}

/** Runs one procedure and returns its data, or its error as the error formatter writes it. Logs internal errors. */
export async function callProcedure(
  { path, type, index, input }: ProcedureCall,
  ctx: Context,
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
    logAroundProcedures(ctx.services, ctx.requestId, error)
    addIfRefused(ctx, path, error)
    const config = appRouter._def._config
    return { ok: false, error: getTRPCErrorShape({ config, error, type, path, input: given, ctx }) }
  }
}
