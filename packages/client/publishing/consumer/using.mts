import { CostManager, createMgxClient, type Hold } from '@mgx/client'

const mgx = createMgxClient({ url: 'http://127.0.0.1:1', apiKey: 'mgx_key_nobody' })
const costs = new CostManager(mgx, { projectId: 1, maxBudget: '1' })

export async function stream(parts: AsyncIterable<string>): Promise<string> {
  await using hold = await mgx.budgets.hold({ projectId: 1, estimate: '0.05', wait: 10_000 })
  await using ofManager = await costs.hold({ estimate: '0.05', wait: 10_000 })
  let text = ''
  for await (const part of parts) text += part
  await ofManager.release()
  const { record } = await hold.settle({ model: 'gpt-4-turbo', promptTokens: 1200, completionTokens: 800 })
  return `${text} for ${record.totalCost}`
}

export const disposable = (hold: Hold): AsyncDisposable => hold
