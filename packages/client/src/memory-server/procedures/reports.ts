import { visibleUserId } from '@mgx/api/authority'
import { formatUsd, type PageInput, parseUsd, type SpendInput } from '@mgx/contract'
import { inScope } from '@mgx/db/core'
import type { Memory } from '../memory.js'
import { pageOf } from '../page.js'
import { authenticated, type Context, user } from '../procedure.js'
import { spendOf } from '../spend.js'
import type { ProjectRow } from '../tables.js'
import { chargesOf } from './costs.js'
import { projectOf } from './projects.js'
import { userOf } from './users.js'

export const reports = {
  spend: authenticated((context, input: SpendInput) => {
    const { memory, caller, scope } = context
    const { userId, projectId } = input
    if (userId !== undefined) userOf(memory, visibleUserId(caller, userId))
    if (projectId !== undefined) projectOf(context, projectId)
    const charges = [...memory.tables.charges.values()].filter(
      (charge) =>
        inScope(scope, charge) &&
        (userId ?? charge.userId) === charge.userId &&
        (projectId ?? charge.projectId) === charge.projectId,
    )
    return spendOf(charges, input)
  }),

  projects: authenticated(({ memory, scope }, input: PageInput) => {
    const page = pageOf(projectsIn(memory, scope), input, ({ id }) => id)
    const items = page.items.map(({ id, name, totalCost }) => {
      return { projectId: id, name, records: chargesOf(memory, id).length, totalCost }
    })
    return { ...page, items }
  }),

  users: user(({ memory, scope }, input: PageInput) => {
    const rows = [...memory.tables.users.values()].filter(({ id }) => (scope.userId ?? id) === id)
    const page = pageOf(rows, input, ({ id }) => id)
    const items = page.items.map(({ id, username }) => {
      const own = projectsIn(memory, { userId: id })
      const totalSpent = formatUsd(own.reduce((sum, { totalCost }) => sum + parseUsd(totalCost), 0n))
      return { userId: id, username, projectCount: own.length, totalSpent }
    })
    return { ...page, items }
  }),
}

function projectsIn({ tables }: Memory, scope: Context['scope']): ProjectRow[] {
  return [...tables.projects.values()].filter(({ id, userId }) => inScope(scope, { userId, projectId: id }))
}
