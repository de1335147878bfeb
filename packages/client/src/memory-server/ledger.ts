import { DomainError } from '@mgx/contract'
import {
  type AskedOperation,
  contentText,
  decide,
  operationsWith,
  priceByOverride,
  priceOperations,
  recordResultOf,
  resultOf,
} from '@mgx/db/core'
import type { RecordManyResult } from '../generated/entities.js'
import { booksFor } from './books.js'
import type { Memory } from './memory.js'
import { overrideInForce } from './price-overrides.js'
import { write } from './write.js'

/** The operations that calls ask for. Contents are compared as they are: nothing is stored, and nothing has to be short. */
export const operations: ReturnType<typeof operationsWith> = operationsWith(contentText)

/** Decides an operation as the ledger does, and answers as it would. @throws DomainError as the ledger. */
export function apply(memory: Memory, operation: AskedOperation): unknown {
  const [committed] = commit(memory, [operation])
  const result = committed && resultOf(committed)
  if (result instanceof DomainError) throw result
  return result
}

/** Many records, each for itself. */
export function applyEach(memory: Memory, operations: AskedOperation[]): RecordManyResult[] {
  return commit(memory, operations).map(recordResultOf)
}

/** Expires what is due. */
export function sweep(memory: Memory): void {
  const now = memory.now()
  const isDue = (id: number) => (memory.tables.holds.get(id)?.expiresAt ?? now) <= now
  if ([...memory.tables.open].some(isDue)) commit(memory, [])
}

function commit(memory: Memory, asked: readonly AskedOperation[]) {
  const books = booksFor(memory, asked)
  const operations = priceOperations(asked, ({ usage }) => {
    try {
      return priceByOverride(usage, overrideInForce(memory, usage.model, books.now))
    } catch (error) {
      if (error instanceof DomainError) return error
      throw error
    }
  })
  const decision = decide(books, operations)
  const idOf = write(memory, decision)
  return decision.outcomes.map((outcome) => ({ outcome, idOf }))
}
