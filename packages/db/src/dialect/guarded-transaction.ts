import { clearTimeout, setTimeout } from 'node:timers'
import type KnexTransaction from 'knex/lib/execution/transaction.js'

/** The state of the transaction that is open on a connection. */
export type OpenTransaction = {
  /** Its first error. After it, nothing but a ROLLBACK may run. */
  failure?: Error
  /** Settles when all statements queued so far have run; only set when statements run one at a time. */
  turn?: Promise<unknown>
}

/** A driver's connection with our transaction state. Knex destroys a connection that is marked as disposed. */
export type GuardedConnection = { transaction?: OpenTransaction | undefined; __knex__disposed?: unknown }

type TransactionClass = new (client: unknown, ...rest: unknown[]) => KnexTransaction<GuardedConnection>

/**
 * Returns the error for a statement that follows a failed one. It repeats the first error's message and code, because
 * the caller of the transaction receives whichever rejection arrives first.
 */
export function failedBefore(failure: Error): Error {
  return Object.assign(new Error(failure.message, { cause: failure }), 'code' in failure && { code: failure.code })
}

/** How a dialect ends a transaction. */
export type Ending = {
  readonly commit: object
  /** Throws when the response to COMMIT means that nothing was committed. */
  requireCommitted(answer: { response?: unknown }, connection: GuardedConnection): void
  /** Whether no transaction is open after a BEGIN or ROLLBACK that failed with this error. */
  isClosedAfter(statement: 'BEGIN' | 'ROLLBACK', error: Error): boolean
  /** Immediately closes a connection that may still be in a transaction. */
  discard(connection: GuardedConnection): void
}

const ROLLBACK_MILLISECONDS = 5_000

/**
 * Returns a subclass of a dialect's Knex transaction that commits everything or nothing. It rejects with the first
 * error of the transaction, not with later ones or that of the ROLLBACK; rejects when COMMIT fails; runs no statement
 * once the transaction is ending; and keeps a connection whose BEGIN or ROLLBACK failed out of the pool.
 */
export function guarded(Base: TransactionClass, ending: Ending) {
  function discardUnlessClosed(connection: GuardedConnection, statement: 'BEGIN' | 'ROLLBACK', error: Error): void {
    if (ending.isClosedAfter(statement, error)) return
    connection.__knex__disposed = error
    ending.discard(connection)
  }

  return class GuardedTransaction extends Base {
    open: OpenTransaction | undefined

    override async begin(connection: GuardedConnection): Promise<unknown> {
      const open: OpenTransaction = {}
      this.open = open
      connection.transaction = open
      try {
        return await super.begin(connection)
      } catch (error) {
        this.close(connection)
        discardUnlessClosed(connection, 'BEGIN', error as Error)
        throw error
      }
    }

    override async commit(connection: GuardedConnection, value: unknown): Promise<void> {
      this._completed = true
      if (!this.open) return
      ending.requireCommitted(await this.client.query(connection, { ...ending.commit }), connection)
      this.close(connection)
      this._resolver(value)
    }

    override async rollback(connection: GuardedConnection, error: unknown): Promise<void> {
      this._completed = true
      const { open } = this
      // BEGIN failed, and `begin` has already rejected.
      if (!open) return
      // Keeps queued statements from running.
      open.failure ??= error instanceof Error ? error : new Error('the work of the transaction failed')
      try {
        await inTime(this.client.query(connection, 'ROLLBACK'))
      } catch (failure) {
        discardUnlessClosed(connection, 'ROLLBACK', failure as Error)
      }
      this.close(connection)
      this._rejecter(error ?? open.failure)
    }

    override async release(connection: GuardedConnection, value: unknown): Promise<void> {
      await this.query(connection, `RELEASE SAVEPOINT ${this.txid}`)
      this._completed = true
      this._resolver(value)
    }

    override async rollbackTo(connection: GuardedConnection, error: unknown): Promise<void> {
      try {
        await inTime(this.query(connection, `ROLLBACK TO SAVEPOINT ${this.txid}`))
        delete connection.transaction?.failure
      } catch {
        // The outer transaction has failed too, and reports the reason.
      }
      this._completed = true
      this._rejecter(error ?? new Error('the work of the transaction failed'))
    }

    /** Rejects when the statement fails; Knex's own method does not. */
    override query(connection: GuardedConnection, statement: unknown): Promise<unknown> {
      return this.trxClient.query(connection, statement)
    }

    close(connection: GuardedConnection): void {
      this.open = undefined
      connection.transaction = undefined
    }
  }
}

/** Rejects when the response takes too long. */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no response to ROLLBACK')), ROLLBACK_MILLISECONDS)
  })
  try {
    return await Promise.race([answer, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
