import {
  BudgetExceededError,
  CostManager,
  type CreateProjectInput,
  createMgxClient,
  type Estimate,
  type Hold,
  type MgxClient,
  MgxError,
  type Page,
  type PagePromise,
  type Project,
  type Reason,
  runProject,
  TimeoutError,
  usd,
} from '@mgx/client'

const mgx: MgxClient = createMgxClient({ url: 'http://127.0.0.1:1', apiKey: 'mgx_key_nobody' })

export async function run(input: CreateProjectInput): Promise<string> {
  const project: Project = await runProject(mgx, { idea: input.idea, investment: '2.5' }, async (run) => {
    await run.costs.update({ model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500, totalCost: 0.025 })
    run.projectPath = '/srv/result'
  })
  const page: Page<Project> = await mgx.projects.list({ status: 'completed' })
  const costs = new CostManager(mgx, { projectId: project.id, maxBudget: '1' })
  return usd.add(costs.totalCost, ...page.items.map(({ totalCost }) => totalCost))
}

/** An interface, as in the provider's package: TypeScript does not assign it to a record. */
interface ChatCompletion {
  model: string
  usage?: { prompt_tokens: number; completion_tokens: number }
}
export const recordChat = (response: ChatCompletion) =>
  mgx.costs.recordUsage({ projectId: 1, provider: 'openai', response })

export async function hold(estimate: Estimate): Promise<string> {
  const { reservation, release }: Hold = await mgx.budgets.hold({ projectId: 1, estimate, wait: 1_000 })
  await new CostManager(mgx, { projectId: 1 }).guard({ estimate, wait: 1_000 }, release, { timeoutMs: 1_000 })
  return reservation.amount
}

export async function names(status: Project['status']): Promise<string[]> {
  const rows: PagePromise<Project> = mgx.projects.list({ status }, { timeoutMs: 1_000, headers: { 'x-team': 'red' } })
  const { data, response } = await rows.withResponse()
  const found: string[] = [response.requestId ?? '', ...data.items.map(({ name }) => name)]
  for await (const { name } of rows) found.push(name)
  return found
}

export function explain(error: unknown): Reason | string | undefined {
  if (error instanceof BudgetExceededError) return error.shortage === 'held' ? error.requested : error.limit
  if (error instanceof TimeoutError) return error.limit
  return error instanceof MgxError ? error.reason : undefined
}

if (usd.add('0.1', '0.2') !== '0.3') throw new Error('usd.add')
const failure = await mgx.projects.updateStatus({ id: 1, status: 'failed' }).catch((error: unknown) => error)
if (!(failure instanceof MgxError) || failure.reason !== 'connection_failed') throw new Error('expected an MgxError')
