import { BudgetExceededError, type MgxClient, runProject, usd } from '@mgx/client'
import type { Run } from './predecessor.js'

/** The totals of a run in the predecessor (`there`: its floats, each rounded once, added) and in MGX (`here`), in USD. */
export type ReplayedRun = {
  projectId: number
  name: string
  calls: number
  there: string
  here: string
  overBudget: boolean
}

/** Replays a run as a live project: start, every call with its cost, finish. */
export async function replay(mgx: MgxClient, run: Run): Promise<ReplayedRun> {
  const { name, idea, description, investment, metadata, projectPath, calls } = run
  let overBudget = false
  const project = await runProject(mgx, { name, idea, description, investment, metadata }, async (live) => {
    for (const call of calls) {
      try {
        await live.costs.update(call)
      } catch (error) {
        // The predecessor went on past its budget. The call is already recorded, so the replay goes on too.
        if (!(error instanceof BudgetExceededError)) throw error
        overBudget = true
      }
    }
    if (projectPath) live.projectPath = projectPath
  })
  const there = usd.add(...calls.map(({ totalCost }) => totalCost))
  return { projectId: project.id, name, calls: calls.length, there, here: project.totalCost, overBudget }
}
