import { createLedger, type Ledger } from '@mgx/db'
import type { Knex } from 'knex'
import type { Actor } from './authentication/actor.js'
import { type Authenticate, createAuthenticate } from './authentication/authenticate.js'

/** What the procedures of one process share. */
export type Services = {
  readonly db: Knex
  readonly ledger: Ledger
  readonly secret: string
  readonly version: string
  readonly authenticate: Authenticate
  /** Keeps what a caller is not told, under the request id he is told. */
  readonly logInternal: (error: unknown, requestId: string) => void
}

/** What one request brings. */
export type Context = {
  readonly services: Services
  readonly requestId: string
  /** The caller, found out once a request. @throws DomainError `unauthenticated`. */
  readonly actor: () => Promise<Actor>
}

export function createServices(options: Omit<Services, 'ledger' | 'authenticate'>): Services {
  const { db, secret } = options
  return {
    ...options,
    ledger: createLedger(db),
    authenticate: createAuthenticate(db, secret, () => performance.now()),
  }
}

export function createContext(
  services: Services,
  { authorization, requestId }: { authorization: string | undefined; requestId: string },
): Context {
  let actor: Promise<Actor> | undefined
  return {
    services,
    requestId,
    actor() {
      actor ??= services.authenticate(authorization)
      return actor
    },
  }
}
