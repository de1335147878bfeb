import { BudgetExceededError, type MgxClient, runProject, usd } from '@mgx/client'
import type { Run } from './predecessor.js'

/** One run there and here. Totals are USD strings; `there` is the sum of the predecessor's floats, each rounded once. */
export type ReplayedRun = {
  projectId: number
  name: string
  calls: number
  there: string
  here: string
  overBudget: boolean
}

/** Makes the calls of a run again, as a live project: start, every call with its cost, finish. */
export async function replay(mgx: MgxClient, run: Run): Promise<ReplayedRun> {
  const { name, idea, description, investment, metadata, projectPath, calls } = run
  let overBudget = false
  const project = await runProject(mgx, { name, idea, description, investment, metadata }, async (live) => {
    for (const call of calls) {
      try {
        await live.costs.update(call)
      } catch (error) {
        // The predecessor went on past its budget; the call is recorded by now, so the replay goes on too.
        if (!(error instanceof BudgetExceededError)) throw error
        overBudget = true
      }
    }
    if (projectPath) live.projectPath = projectPath
  })
  const there = usd.add(...calls.map(({ totalCost }) => totalCost))
  return { projectId: project.id, name, calls: calls.length, there, here: project.totalCost, overBudget }
}
