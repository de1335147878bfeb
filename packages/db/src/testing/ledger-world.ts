import { type Backlog, setAside } from '../ledger/backlog.js'
import {
  answerKey,
  type Books,
  type Charge,
  type Hold,
  type ProjectAccount,
  type UserAccount,
} from '../ledger/core/books.js'
import { type Decision, decide } from '../ledger/core/decide.js'
import type { Operation } from '../ledger/core/operation.js'

/** The owner of each project. User 1 has a spending limit of 150; project 4, which operations name, does not exist. */
const OWNERS = new Map([
  [1, 1],
  [2, 1],
  [3, 2],
])

/** An in-memory ledger around the core: it stores decisions as the real ledger does in a database. */
export type World = {
  projects: Map<number, ProjectAccount>
  users: Map<number, UserAccount>
  holds: Map<number, Hold>
  charges: Charge[]
  /** Decides a group of operations at this second and stores the decision. */
  run(operations: Operation[], second?: number): Decision
}

/**
 * Creates a world without holds or charges. With `leavesDue`, a due hold does not expire until an operation names it.
 */
export function newWorld({ leavesDue = false } = {}): World {
  const account = { spent: 0n, reserved: 0n, due: 0n }
  const world: World = {
    projects: new Map(
      [...OWNERS].map(([id, userId]) => [id, { id, userId, status: 'running', limit: 100n, ...account }]),
    ),
    users: new Map([
      [1, { id: 1, limit: 150n, ...account }],
      [2, { id: 2, limit: null, ...account }],
    ]),
    holds: new Map(),
    charges: [],
    run(operations, second = 0) {
      const books = booksAt(world, second)
      const decision = decide(leavesDue ? besideDue(books, operations) : books, operations)
      keep(world, decision)
      return decision
    },
  }
  return world
}

function booksAt({ projects, users, holds, charges }: World, second: number): Books {
  const keyed = <Row extends Charge | Hold>(rows: Iterable<Row>) =>
    new Map(
      [...rows].flatMap((row): [string, Row][] =>
        row.idempotencyKey === null ? [] : [[answerKey(row.projectId, row.idempotencyKey), row]],
      ),
    )
  return {
    now: new Date(second * 1000).toISOString(),
    projects,
    users,
    holds,
    correctedCosts: correctedCosts(charges),
    settlements: new Map(charges.flatMap((charge) => (charge.reservationId ? [[charge.reservationId, charge]] : []))),
    keyedCharges: keyed(charges),
    keyedHolds: keyed(holds.values()),
  }
}

/** Returns the books as the ledger loads them: only the holds that operations name, and sums of the other due holds. */
function besideDue(books: Books, operations: readonly Operation[]): Books {
  const isNamed = ({ id, projectId, idempotencyKey }: Hold) =>
    operations.some((each) =>
      'reservationId' in each
        ? each.reservationId === id
        : each.kind === 'reserve' && each.projectId === projectId && each.idempotencyKey === (idempotencyKey ?? ''),
    )
  const holds = new Map([...books.holds].filter(([, hold]) => isNamed(hold)))
  const due = [...books.holds.values()].filter(({ status, expiresAt }) => status === 'held' && expiresAt <= books.now)
  const backlogs = due.flatMap(({ projectId, userId, amount }): Backlog[] => [
    { account: 'project_id', id: projectId, amount, now: books.now },
    { account: 'user_id', id: userId, amount, now: books.now },
  ])
  return {
    ...books,
    ...setAside(books, summed(backlogs), holds),
    holds,
  }
}

function summed(backlogs: readonly Backlog[]): Backlog[] {
  const sums = new Map<string, Backlog>()
  for (const each of backlogs) {
    const key = `${each.account}:${each.id}`
    sums.set(key, { ...each, amount: each.amount + (sums.get(key)?.amount ?? 0n) })
  }
  return [...sums.values()]
}

function keep(world: World, decision: Decision): void {
  world.projects = new Map([...world.projects, ...stored(decision.projects)])
  world.users = new Map([...world.users, ...stored(decision.users)])
  for (const charge of decision.newCharges) world.charges.push({ ...charge, id: world.charges.length + 1 })
  for (const [id, hold] of decision.changedHolds) world.holds.set(id, hold)
  for (const hold of decision.newHolds) world.holds.set(world.holds.size + 1, { ...hold, id: world.holds.size + 1 })
}

function* stored<Account extends ProjectAccount | UserAccount>(
  accounts: Iterable<[number, Account]>,
): Iterable<[number, Account]> {
  for (const [id, account] of accounts) yield [id, { ...account, reserved: account.reserved + account.due, due: 0n }]
}

function correctedCosts(charges: readonly Charge[]): Map<number, bigint> {
  const costs = new Map<number, bigint>()
  for (const { id, correctsRecordId, price } of charges) {
    const key = correctsRecordId ?? id ?? 0
    costs.set(key, (costs.get(key) ?? 0n) + price.amount)
  }
  return costs
}
