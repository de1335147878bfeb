import { type MgxClient, usd } from '@mgx/client'
import { exact } from './spend.js'

/** Returns the id of the newest record of a project; 0 when there is none. */
export async function newestRecord(mgx: MgxClient, projectId: number): Promise<number> {
  const { items } = await mgx.costs.list({ projectId, limit: 1 })
  return items[0]?.id ?? 0
}

/**
 * Prints the costs of a project after a given record as they are committed, each once, until the signal aborts.
 * @returns the id of the last printed record, after which to resume.
 */
export async function follow(mgx: MgxClient, projectId: number, after: number, signal: AbortSignal): Promise<number> {
  let last = after
  for await (const { record, budget } of mgx.costs.watch({ projectId, lastEventId: after }, { signal })) {
    const { id, createdAt, model, totalCost } = record
    console.log(`${id}  ${createdAt}  ${model}  ${exact(totalCost)}  ${usd.format(budget.remaining)} left`)
    last = id
  }
  return last
}
