import type { IncomingHttpHeaders } from 'node:http'
import { type Context, createContext, type Services } from '@mgx/api'
import { TRPCError } from '@trpc/server'

/** The context of a request's calls. */
export function contextOf(services: Services, requestId: string, headers: IncomingHttpHeaders): Context {
  return createContext(services, { authorization: headers.authorization, requestId })
}

/** Logs an error around the procedures; a procedure's own is logged where it happens and arrives here wrapped. */
export function logAroundProcedures(services: Services, requestId: string, error: TRPCError): void {
  const isLogged = error.cause instanceof TRPCError
  if (error.code === 'INTERNAL_SERVER_ERROR' && !isLogged) services.logInternal(error, requestId)
}
