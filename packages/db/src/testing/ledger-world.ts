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

/** Two users; projects 1 and 2 are the first one's, who may spend 150 in all; project 3 is the second one's; 4 does not exist. */
const OWNERS = new Map([
  [1, 1],
  [2, 1],
  [3, 2],
])

/** A ledger in memory around the core: it keeps what the core decides, as the shell does in a database. */
export type World = {
  projects: Map<number, ProjectAccount>
  users: Map<number, UserAccount>
  holds: Map<number, Hold>
  charges: Charge[]
  /** Decides and keeps a group of operations at this second. */
  run(operations: Operation[], second?: number): Decision
}

export function newWorld(): World {
  const account = { spent: 0n, reserved: 0n }
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
      const decision = decide(booksAt(world, second), operations)
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
    settlements: new Map(charges.flatMap((charge) => (charge.reservationId ? [[charge.reservationId, charge]] : []))),
    keyedCharges: keyed(charges),
    keyedHolds: keyed(holds.values()),
  }
}

function keep(world: World, decision: Decision): void {
  world.projects = new Map([...world.projects, ...decision.projects])
  world.users = new Map([...world.users, ...decision.users])
  for (const charge of decision.newCharges) world.charges.push({ ...charge, id: world.charges.length + 1 })
  for (const [id, hold] of decision.changedHolds) world.holds.set(id, hold)
  for (const hold of decision.newHolds) world.holds.set(world.holds.size + 1, { ...hold, id: world.holds.size + 1 })
}
