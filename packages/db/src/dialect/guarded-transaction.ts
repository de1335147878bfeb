import { clearTimeout, setTimeout } from 'node:timers'
import type KnexTransaction from 'knex/lib/execution/transaction.js'

/** What a connection knows of the transaction that is open on it. */
export type OpenTransaction = {
  /** Its first error. After it, nothing but a ROLLBACK may run. */
  failure?: Error
  /** When the statements handed over so far have run; kept where they run in turn. */
  turn?: Promise<unknown>
}

/** A driver's connection, with what is kept on it here. Knex destroys one that is marked as disposed. */
export type GuardedConnection = { transaction?: OpenTransaction | undefined; __knex__disposed?: unknown }

type TransactionClass = new (client: unknown, ...rest: unknown[]) => KnexTransaction<GuardedConnection>

/**
 * What a statement behind the one that failed rejects with: the first error in its own words and with its code, because
 * whichever of them is heard first is the reason that the caller of the transaction hears.
 */
export function failedBefore(failure: Error): Error {
  return Object.assign(new Error(failure.message, { cause: failure }), 'code' in failure && { code: failure.code })
}

/** What a dialect does with a transaction's last statement. */
export type Ending = {
  readonly commit: object
  /** Throws when the COMMIT that was answered like this has kept nothing. */
  requireCommitted(answer: { response?: unknown }, connection: GuardedConnection): void
  /** Whether no transaction is open after a BEGIN or ROLLBACK that failed like this. */
  isClosedAfter(statement: 'BEGIN' | 'ROLLBACK', error: Error): boolean
  /** Ends a connection that may still be in a transaction, at once. */
  discard(connection: GuardedConnection): void
}

const ROLLBACK_MILLISECONDS = 5_000

/**
 * Knex's transaction of a dialect, with an end that keeps nothing by half. The first error of a transaction is the reason
 * that its caller hears, not those of the statements after it or of the ROLLBACK; a COMMIT that failed rejects; no statement
 * is let through once the end has begun; and a connection whose BEGIN or ROLLBACK failed does not go back to the pool.
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
      // It has not begun, and its caller knows.
      if (!open) return
      // So that nothing that is still to run does.
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
        // The transaction around it has ended too, and says why.
      }
      this._completed = true
      this._rejecter(error ?? new Error('the work of the transaction failed'))
    }

    /** Rejects when the statement fails, which Knex's own does not. */
    override query(connection: GuardedConnection, statement: unknown): Promise<unknown> {
      return this.trxClient.query(connection, statement)
    }

    close(connection: GuardedConnection): void {
      this.open = undefined
      connection.transaction = undefined
    }
  }
}

/** Rejects when the answer takes too long. */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer to ROLLBACK')), ROLLBACK_MILLISECONDS)
  })
  try {
    return await Promise.race([answer, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
