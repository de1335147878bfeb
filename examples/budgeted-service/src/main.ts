import { createMgxClient, runProject, usd } from '@mgx/client'
import { imbalances } from './balance.js'
import { startStandInProvider } from './stand-in-provider.js'
import { workUntilSpent } from './worker.js'

const { MGX_URL: url = 'http://127.0.0.1:3210', MGX_API_KEY } = process.env
const { OPENAI_BASE_URL, OPENAI_API_KEY = '', OPENAI_MODEL: model = 'gpt-4o-mini' } = process.env
const workers = 4
const investment = '0.002'

const standIn = OPENAI_BASE_URL ? undefined : await startStandInProvider()
try {
  if (!MGX_API_KEY) throw new Error('MGX_API_KEY is not set: the server prints a key at its first start')
  const mgx = createMgxClient({ url, apiKey: MGX_API_KEY })
  const provider = { baseUrl: OPENAI_BASE_URL || standIn?.baseUrl || '', apiKey: OPENAI_API_KEY }
  console.log(`${workers} workers call ${model} at ${provider.baseUrl}${standIn ? ', a stand-in' : ''}`)

  let level = 0
  const nextPrompt = () => `Design level ${++level} of a snake game, in two sentences.`
  await runProject(mgx, { idea: 'Levels of a snake game', investment }, async ({ project }) => {
    const job = { mgx, provider, projectId: project.id, model, nextPrompt }
    const done = await Promise.all(Array.from({ length: workers }, () => workUntilSpent(job)))
    const calls = done.flat()
    console.log(`they stopped after ${done.map(({ length }) => length).join(', ')} calls`)

    const budget = await mgx.budgets.get({ projectId: project.id })
    const wrong = imbalances(calls, budget)
    if (wrong.length > 0) throw new Error(wrong.join('\n'))
    const [spent, limit] = [usd.format(budget.spent), usd.format(budget.limit)]
    console.log(`${calls.length} calls spent ${spent} of ${limit}: never past the budget`)
  })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  standIn?.close()
}
