import { randomUUID } from 'node:crypto'

/** A cost as a client sends it. */
export type Call = {
  projectId: number
  model: string
  promptTokens: number
  completionTokens: number
  totalCost: string
  actionType: string
  idempotencyKey: string
}

const models = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-0', 'gemini-2.5-pro']
const actions = ['WritePRD', 'WriteDesign', 'WriteTasks', 'WriteCode', 'WriteTest']

/** Returns a call like those of an agent team; `number` selects its model, action, tokens and cost. */
export function callNumber(number: number, projectId: number): Call {
  return {
    projectId,
    model: models[number % models.length] ?? '',
    promptTokens: 500 + (number % 1_000),
    completionTokens: 100 + (number % 300),
    totalCost: `0.00${1_000_000 + (number % 1_000_000)}`.replace(/0+$/, ''),
    actionType: actions[number % actions.length] ?? '',
    idempotencyKey: randomUUID(),
  }
}

/** Returns the cost of a call from {@link callNumber} in nano-USD. */
export function nanoOf({ totalCost }: Call): number {
  return Number(totalCost.slice(2).padEnd(9, '0'))
}
