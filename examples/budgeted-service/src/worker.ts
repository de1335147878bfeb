import { BudgetExceededError, type Guarded, type MgxClient } from '@mgx/client'
import { complete, type Provider } from './provider.js'

const MAX_COMPLETION_TOKENS = 120

/** While the holds of other workers leave no room, a call waits; when the money is spent, it throws at once. */
const MAX_WAIT_MS = 60_000

/** What a worker needs to make its calls: the project that pays, the model, and the source of prompts. */
export type Job = {
  mgx: MgxClient
  provider: Provider
  projectId: number
  model: string
  nextPrompt: () => string
}

/** Makes one call after the other until the next one may not fit in the budget. Returns their results and costs. */
export async function workUntilSpent(job: Job): Promise<Guarded<string>[]> {
  const calls: Guarded<string>[] = []
  try {
    for (;;) calls.push(await guardedCall(job))
  } catch (error) {
    if (!(error instanceof BudgetExceededError)) throw error
    return calls
  }
}

/** Holds the most that the call may cost, makes it, and settles with the response of the provider. */
function guardedCall({ mgx, provider, projectId, model, nextPrompt }: Job): Promise<Guarded<string>> {
  const prompt = nextPrompt()
  const estimate = { model, maxPromptTokens: mostTokens(prompt), maxCompletionTokens: MAX_COMPLETION_TOKENS }
  return mgx.budgets.guard({ projectId, estimate, wait: MAX_WAIT_MS }, async () => {
    const response = await complete(provider, { model, prompt, maxTokens: MAX_COMPLETION_TOKENS })
    return {
      provider: 'openai',
      response,
      actionType: 'DesignLevel',
      result: response.choices[0]?.message.content ?? '',
    }
  })
}

/** Returns an upper bound: a token has at least one byte, and providers add a few tokens for the message itself. */
const mostTokens = (prompt: string): number => Buffer.byteLength(prompt) + 16
