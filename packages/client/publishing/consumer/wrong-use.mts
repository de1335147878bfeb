import { CostManager, createMgxClient, type Project, runProject, usd } from '@mgx/client'

// Every mistake here is one that the compiler has to find: one it lets pass is an error itself.

const mgx = createMgxClient({ url: 'http://127.0.0.1:1', apiKey: 'mgx_key_nobody' })
const tokens = { model: 'gpt-4-turbo', promptTokens: 1, completionTokens: 1 }

export const wrongInputs = [
  // @ts-expect-error the idea is missing
  () => mgx.projects.create({ name: 'a' }),
  // @ts-expect-error there is no such field
  () => mgx.projects.create({ name: 'a', idea: 'b', budget: '3' }),
  // @ts-expect-error a name is a string
  () => mgx.projects.create({ name: 1, idea: 'b' }),
  // @ts-expect-error money is a string or a number
  () => mgx.projects.create({ name: 'a', idea: 'b', investment: 3n }),
  // @ts-expect-error metadata is an object
  () => mgx.projects.create({ name: 'a', idea: 'b', metadata: 'c' }),
  // @ts-expect-error what may be changed cannot be made nothing
  () => mgx.projects.update({ id: 1, name: null }),
  // @ts-expect-error there is no such status
  () => mgx.projects.updateStatus({ id: 1, status: 'done' }),
  // @ts-expect-error there is no such status to look for
  () => mgx.projects.list({ status: 'done' }),
  // @ts-expect-error the input is missing
  () => mgx.projects.get(),
  // @ts-expect-error an id is a number
  () => mgx.projects.get({ id: '1' }),
  // @ts-expect-error an instant is a string
  () => mgx.costs.list({ projectId: 1, from: new Date() }),
  // @ts-expect-error tokens are numbers
  () => mgx.costs.record({ ...tokens, projectId: 1, promptTokens: '1' }),
  // @ts-expect-error the project is missing
  () => mgx.costs.record(tokens),
  // @ts-expect-error so it is in one row of many
  () => mgx.costs.recordMany({ records: [{ ...tokens, projectId: 1 }, tokens] }),
  // @ts-expect-error nobody else sends usage
  () => mgx.costs.recordUsage({ projectId: 1, provider: 'someone', response: {} }),
  // @ts-expect-error a response is the body, not its text
  () => mgx.costs.recordUsage({ projectId: 1, provider: 'openai', response: '{}' }),
  // @ts-expect-error an amount, or a model with both of its limits
  () => mgx.budgets.reserve({ projectId: 1, model: 'gpt-4-turbo', maxPromptTokens: 1 }),
  // @ts-expect-error spend is not grouped by hour
  () => mgx.reports.spend({ groupBy: ['hour'] }),
  // @ts-expect-error it takes no input
  () => mgx.users.me({ id: 1 }),
]

export const wrongCalls = [
  // @ts-expect-error there is no such procedure
  () => mgx.projects.delete({ id: 1 }),
  // @ts-expect-error there is no such option
  () => mgx.users.me({ retries: 3 }),
  // @ts-expect-error a stream is not tried again like a call
  () => mgx.costs.watch({ projectId: 1 }, { maxRetries: 3 }),
  // @ts-expect-error the address is a string
  () => createMgxClient({ url: 1 }),
  // @ts-expect-error there is no such option of the client
  () => createMgxClient({ token: 'mgx_key_nobody' }),
  // @ts-expect-error a run has an investment of money
  () => runProject(mgx, { idea: 'a', investment: true }, () => undefined),
  // @ts-expect-error whose costs
  () => new CostManager(mgx, { maxBudget: '1' }),
  // @ts-expect-error work says what it cost
  () => mgx.budgets.guard({ projectId: 1, estimate: '0.05' }, async () => ({ model: 'gpt-4-turbo' })),
]

export const wrongReadings = [
  // @ts-expect-error a call that answers one thing is not looped over
  (): AsyncIterable<unknown> => mgx.users.me(),
  // @ts-expect-error a stream is not awaited
  (): Promise<unknown> => mgx.costs.watch({ projectId: 1 }),
  // @ts-expect-error money is a string, which is not counted with
  (project: Project): number => project.totalCost * 2,
  // @ts-expect-error it may have none
  (project: Project): string => project.description,
  // @ts-expect-error an answer has no such field
  async () => (await mgx.users.me()).password,
  // @ts-expect-error a sum is a string
  (): number => usd.add('1', '2'),
]
