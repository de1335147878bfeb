import { beforeAll, expect, test } from 'vitest'
import {
  BudgetExceededError,
  createMgxClient,
  InvalidInputError,
  InvalidTransitionError,
  type MgxClient,
  type ProjectRun,
  runProject,
} from '../index.js'
import { describeServers } from '../testing/describe-servers.js'

const call = { model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500, totalCost: '0.025' }

describeServers('a run on a server', (server) => {
  let mgx: MgxClient

  beforeAll(async () => {
    mgx = createMgxClient(server)
  })

  /** Runs work that throws; returns the resulting error and the project. */
  async function failing(thrown: unknown, idea = 'It fails') {
    let id = 0
    const error: unknown = await runProject(mgx, { idea }, (run) => {
      id = run.project.id
      throw thrown
    }).catch((caught: unknown) => caught)
    return { error, project: await mgx.projects.get({ id }) }
  }

  test('is created, runs, and is completed with its path and total cost', async () => {
    let begun: ProjectRun | undefined
    const project = await runProject(
      mgx,
      { idea: 'A snake game', investment: 1, metadata: { rounds: 5 } },
      async (run) => {
        begun = run
        await Promise.all([run.costs.update(call), run.costs.update(call)])
        run.projectPath = '/srv/snake'
      },
    )
    expect(begun?.project).toMatchObject({ status: 'running', projectPath: null })
    expect(project).toMatchObject({
      name: 'A snake game',
      status: 'completed',
      projectPath: '/srv/snake',
      totalCost: '0.05',
      investment: '1',
      metadata: { rounds: 5 },
      error: null,
      completedAt: expect.any(String),
    })
    expect(await mgx.projects.get({ id: project.id })).toEqual(project)
  })

  test('guards its calls', async () => {
    const project = await runProject(mgx, { idea: 'x', investment: '0.05' }, async ({ costs }) => {
      const estimate = { model: call.model, maxPromptTokens: 1000, maxCompletionTokens: 500 }
      for (let step = 0; step < 2; step += 1) await costs.guard({ estimate }, () => call)
      await expect(costs.guard({ estimate }, () => call)).rejects.toBeInstanceOf(BudgetExceededError)
      expect(costs.totalCost).toBe('0.05')
    })
    expect(project).toMatchObject({ status: 'completed', totalCost: '0.05' })
  })

  test('keeps a path and a name passed in advance', async () => {
    const input = { idea: 'x', name: 'Snake', projectPath: '/srv/known', description: 'd' }
    const project = await runProject(mgx, input, ({ project }) => expect(project.projectPath).toBe('/srv/known'))
    expect(project).toMatchObject({ name: 'Snake', projectPath: '/srv/known', description: 'd', totalCost: '0' })
  })

  test('is named after the first 50 characters of its idea, without splitting a surrogate pair', async () => {
    const { name } = await runProject(mgx, { idea: `${'a'.repeat(49)}😀😀 and more` }, () => undefined)
    expect(name).toBe(`${'a'.repeat(49)}😀`)
    expect((await runProject(mgx, { idea: '😀'.repeat(60) }, () => undefined)).name).toBe('😀'.repeat(50))
  })

  test('belongs to another user if an admin passes userId', async () => {
    const { user } = await mgx.users.create({ username: 'ada', email: 'ada@example.com' })
    expect((await runProject(mgx, { idea: 'x', userId: user.id }, () => undefined)).userId).toBe(user.id)
  })

  test('leaves an earlier run with the same key alone', async () => {
    const input = { idea: 'x', idempotencyKey: 'job-7' }
    const project = await runProject(mgx, input, async () => {
      await expect(runProject(mgx, input, () => undefined)).rejects.toBeInstanceOf(InvalidTransitionError)
    })
    expect(project.status).toBe('completed')
  })

  test('fails with the error’s message and rethrows the error unchanged', async () => {
    const thrown = new TypeError('the model answered nonsense')
    const { error, project } = await failing(thrown)
    expect(error).toBe(thrown)
    expect(project).toMatchObject({
      status: 'failed',
      error: 'the model answered nonsense',
      completedAt: expect.any(String),
    })
  })

  test('fails beyond its investment, with every call recorded', async () => {
    let id = 0
    const running = runProject(mgx, { idea: 'x', investment: '0.04' }, async ({ project, costs }) => {
      id = project.id
      for (;;) await costs.update(call)
    })
    await expect(running).rejects.toBeInstanceOf(BudgetExceededError)
    const project = await mgx.projects.get({ id })
    expect(project).toMatchObject({ status: 'failed', totalCost: '0.05', error: 'Budget exceeded: $0.05 > $0.04' })
  })

  test.each([
    ['a message longer than the server keeps', new Error('x'.repeat(20_000)), 'x'.repeat(10_000)],
    ['a message cut through a character', new Error(`${'x'.repeat(9_999)}😀`), `${'x'.repeat(9_999)}\uFFFD`],
    ['a message with NUL and half a character', new Error('a\0b\uD800c'), 'a\uFFFDb\uFFFDc'],
    ['an error without a message', new RangeError(), 'RangeError'],
    ['a string', 'gave up', 'gave up'],
    ['nothing', undefined, 'undefined'],
    ['what has no text', Object.create(null), 'An error without a message'],
  ])('notes %s', async (_, thrown, noted) => {
    const { error, project } = await failing(thrown)
    expect(error).toBe(thrown)
    expect(project).toMatchObject({ status: 'failed', error: noted })
  })

  test('throws the error of the work, even when the project cannot be marked as failed', async () => {
    const thrown = new Error('the cause')
    const running = runProject(mgx, { idea: 'x' }, async ({ project }) => {
      await mgx.projects.updateStatus({ id: project.id, status: 'completed' })
      throw thrown
    })
    await expect(running).rejects.toBe(thrown)
  })

  test('does not run the work when the project cannot be created', async () => {
    let worked = false
    const running = runProject(mgx, { idea: '' }, () => {
      worked = true
    })
    await expect(running).rejects.toBeInstanceOf(InvalidInputError)
    expect(worked).toBe(false)
  })
})
