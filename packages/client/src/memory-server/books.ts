import { parseUsd } from '@mgx/contract'
import { type AskedOperation, answerKey, type Books, type ProjectAccount, type UserAccount } from '@mgx/db/core'
import type { Memory } from './memory.js'
import type { ProjectRow, UserRow } from './tables.js'

/** What a group of operations may look at: the accounts, the holds that are open or named, and what has their keys. */
export function booksFor({ tables, now }: Memory, asked: readonly AskedOperation[]): Books {
  const { projects, users, holds, open, settlements, keyedCharges, keyedHolds } = tables
  const named = asked.flatMap((each) => ('reservationId' in each ? [each.reservationId] : []))
  const keys = asked.flatMap((each) =>
    'idempotencyKey' in each && each.idempotencyKey !== null ? [answerKey(each.projectId, each.idempotencyKey)] : [],
  )
  const found = <Key, Row>(wanted: Iterable<Key>, rowOf: (key: Key) => Row | undefined) =>
    new Map([...wanted].flatMap((key) => (rowOf(key) ? [[key, rowOf(key) as Row] as const] : [])))
  return {
    now: now(),
    projects: new Map([...projects].map(([id, row]) => [id, projectAccount(row)])),
    users: new Map([...users].map(([id, row]) => [id, userAccount(row)])),
    holds: found(new Set([...open, ...named]), (id) => holds.get(id)),
    settlements: found(named, (id) => settlements.get(id)),
    keyedCharges: found(keys, (key) => keyedCharges.get(key)),
    keyedHolds: found(keys, (key) => holds.get(keyedHolds.get(key) ?? 0)),
  }
}

function projectAccount({ id, userId, status, investment, totalCost, reserved }: ProjectRow): ProjectAccount {
  const [limit, spent] = [parseUsd(investment), parseUsd(totalCost)]
  return { id, userId, status, limit, spent, reserved: parseUsd(reserved), due: 0n }
}

function userAccount({ id, spendingLimit, totalCost, reserved }: UserRow): UserAccount {
  const limit = spendingLimit === null ? null : parseUsd(spendingLimit)
  return { id, limit, spent: parseUsd(totalCost), reserved: parseUsd(reserved), due: 0n }
}
