import { CostManager, createMgxClient, type Project, runProject, usd } from '@mgx/client'

// The compiler must reject every line marked with @ts-expect-error; an unused marker is itself an error.

const mgx = createMgxClient({ url: 'http://127.0.0.1:1', apiKey: 'mgx_key_nobody' })
const tokens = { model: 'gpt-4-turbo', promptTokens: 1, completionTokens: 1 }

export const wrongInputs = [
  // @ts-expect-error the idea is missing
  () => mgx.projects.create({ name: 'a' }),
  // @ts-expect-error unknown field
  () => mgx.projects.create({ name: 'a', idea: 'b', budget: '3' }),
  // @ts-expect-error a name is a string
  () => mgx.projects.create({ name: 1, idea: 'b' }),
  // @ts-expect-error money is a string or a number
  () => mgx.projects.create({ name: 'a', idea: 'b', investment: 3n }),
  // @ts-expect-error metadata is an object
  () => mgx.projects.create({ name: 'a', idea: 'b', metadata: 'c' }),
  // @ts-expect-error a name cannot be null
  () => mgx.projects.update({ id: 1, name: null }),
  // @ts-expect-error unknown status
  () => mgx.projects.updateStatus({ id: 1, status: 'done' }),
  // @ts-expect-error unknown status in a filter
  () => mgx.projects.list({ status: 'done' }),
  // @ts-expect-error the input is missing
  () => mgx.projects.get(),
  // @ts-expect-error an id is a number
  () => mgx.projects.get({ id: '1' }),
  // @ts-expect-error a timestamp is a string
  () => mgx.costs.list({ projectId: 1, from: new Date() }),
  // @ts-expect-error a token count is a number
  () => mgx.costs.record({ ...tokens, projectId: 1, promptTokens: '1' }),
  // @ts-expect-error the project is missing
  () => mgx.costs.record(tokens),
  // @ts-expect-error the project is missing in one of the records
  () => mgx.costs.recordMany({ records: [{ ...tokens, projectId: 1 }, tokens] }),
  // @ts-expect-error unknown provider
  () => mgx.costs.recordUsage({ projectId: 1, provider: 'someone', response: {} }),
  // @ts-expect-error a response is an object, not its JSON
  () => mgx.costs.recordUsage({ projectId: 1, provider: 'openai', response: '{}' }),
  // @ts-expect-error a model needs both token limits
  () => mgx.budgets.reserve({ projectId: 1, model: 'gpt-4-turbo', maxPromptTokens: 1 }),
  // @ts-expect-error spend cannot be grouped by hour
  () => mgx.reports.spend({ groupBy: ['hour'] }),
  // @ts-expect-error users.me takes no input
  () => mgx.users.me({ id: 1 }),
]

export const wrongCalls = [
  // @ts-expect-error unknown procedure
  () => mgx.projects.delete({ id: 1 }),
  // @ts-expect-error unknown call option
  () => mgx.users.me({ retries: 3 }),
  // @ts-expect-error a stream has no maxRetries
  () => mgx.costs.watch({ projectId: 1 }, { maxRetries: 3 }),
  // @ts-expect-error the URL is a string
  () => createMgxClient({ url: 1 }),
  // @ts-expect-error unknown client option
  () => createMgxClient({ token: 'mgx_key_nobody' }),
  // @ts-expect-error an investment is a string or a number
  () => runProject(mgx, { idea: 'a', investment: true }, () => undefined),
  // @ts-expect-error the project is missing
  () => new CostManager(mgx, { maxBudget: '1' }),
  // @ts-expect-error the work must return its tokens
  () => mgx.budgets.guard({ projectId: 1, estimate: '0.05' }, async () => ({ model: 'gpt-4-turbo' })),
  // @ts-expect-error the options of a guard come before the work, those of the call after it
  () => new CostManager(mgx, { projectId: 1 }).guard('0.05', async () => tokens, { ttlSeconds: 60 }),
  // @ts-expect-error a wait is a number of milliseconds
  () => mgx.budgets.hold({ projectId: 1, estimate: '0.05', wait: '10s' }),
]

export const wrongReadings = [
  // @ts-expect-error a single result is not iterable
  (): AsyncIterable<unknown> => mgx.users.me(),
  // @ts-expect-error a stream is not a promise
  (): Promise<unknown> => mgx.costs.watch({ projectId: 1 }),
  // @ts-expect-error money is a string, not a number
  (project: Project): number => project.totalCost * 2,
  // @ts-expect-error a description may be null
  (project: Project): string => project.description,
  // @ts-expect-error unknown field of a user
  async () => (await mgx.users.me()).password,
  // @ts-expect-error a sum is a string
  (): number => usd.add('1', '2'),
]
