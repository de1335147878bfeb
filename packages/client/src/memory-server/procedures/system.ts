import { formatUsd, type NanoUsd, parseUsd } from '@mgx/contract'
import type { Drift, Verification } from '../../generated/entities.js'
import type { Memory } from '../memory.js'
import { admin } from '../procedure.js'

export const system = {
  verify: admin(({ memory }): Verification => {
    const { users, projects, charges, holds } = memory.tables
    const rollups = new Set(
      [...charges.values()].map(({ projectId, createdAt, usage }) =>
        JSON.stringify([projectId, createdAt.slice(0, 10), usage.model, usage.actionType]),
      ),
    )
    const rows = { users: users.size, projects: projects.size, records: charges.size, reservations: holds.size }
    const drifts = driftsOf(memory)
    const checked = { ...rows, rollups: rollups.size }
    return { ok: drifts.length === 0, verifiedAt: memory.now(), checked, drifts, hasMore: false }
  }),
}

/** Adds everything up again: projects from their charges and open holds, users from their projects. */
function driftsOf({ tables }: Memory): Drift[] {
  const { users, projects, charges, holds } = tables
  const sum = <Row>(rows: Iterable<Row>, isMeant: (row: Row) => boolean, amountOf: (row: Row) => NanoUsd) =>
    [...rows].filter(isMeant).reduce((total, row) => total + amountOf(row), 0n)
  const ofProjects = [...projects.values()].flatMap((row) => {
    const spent = sum(
      charges.values(),
      ({ projectId }) => projectId === row.id,
      ({ price }) => price.amount,
    )
    const isHeld = ({ projectId, status }: { projectId: number; status: string }) =>
      projectId === row.id && status === 'held'
    return figures(
      `project ${row.id}`,
      row,
      spent,
      sum(holds.values(), isHeld, ({ amount }) => amount),
    )
  })
  const ofUsers = [...users.values()].flatMap((row) => {
    const isOwn = ({ userId }: { userId: number }) => userId === row.id
    const spent = sum(projects.values(), isOwn, ({ totalCost }) => parseUsd(totalCost))
    return figures(
      `user ${row.id}`,
      row,
      spent,
      sum(projects.values(), isOwn, ({ reserved }) => parseUsd(reserved)),
    )
  })
  return [...ofProjects, ...ofUsers]
}

function figures(row: string, kept: { totalCost: string; reserved: string }, spent: NanoUsd, held: NanoUsd): Drift[] {
  return Object.entries({ totalCost: spent, reserved: held }).flatMap(([name, sum]) => {
    const [expected, found] = [formatUsd(sum), kept[name as keyof typeof kept]]
    if (expected === found) return []
    return [{ what: `${row}: ${name}`, expected, found, difference: formatUsd(parseUsd(found) - sum) }]
  })
}
