import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outcomeOf, type Side, sides } from '../testing/sides.js'
import { badInputs, type Step, steps } from '../testing/steps.js'
import { procedures } from './schema.js'

/** Not of health, which says whose it is, nor of what takes long or is not in memory. */
const withoutInput = Object.entries(procedures).flatMap(([path, { type }]) =>
  type === 'subscription' || ['system.health', 'system.verify', 'costs.recordUsage'].includes(path) ? [] : [path],
)

describe('in memory and on both databases, every call is answered alike', () => {
  let running: Side[]
  let answers: unknown[][]
  beforeAll(async () => {
    running = await Promise.all(sides.map(({ start }) => start()))
    answers = await Promise.all(running.map((side) => answersOf(side, steps)))
  })
  afterAll(() => Promise.all(running.map((side) => side.close())))

  test.each(steps.map((step, index) => [index, step.as ?? 'admin', step.path, step.input] as const))(
    '%i: as %s, %s %j',
    (index) => {
      const [memory, ...real] = answers.map((each) => each[index])
      expect(memory).toBeDefined()
      for (const answer of real) expect(memory).toEqual(answer)
    },
  )

  test.each(badInputs.map(([path], index) => [path, index] as const))(
    '%s refuses bad input %i',
    async (path, index) => {
      const input = badInputs[index]?.[1]
      const [memory, ...real] = await Promise.all(running.map(({ mgx }) => outcomeOf(mgx, path, input)))
      expect(memory).toMatchObject({ refused: expect.any(String) })
      for (const answer of real) expect(memory).toEqual(answer)
    },
  )

  test.each(withoutInput)('%s is answered alike when nothing is sent', async (path) => {
    const [memory, ...real] = await Promise.all(running.map((side) => side.bare(path)))
    expect(memory).toMatchObject({ status: procedures[path]?.inputOptional ? 200 : 400 })
    for (const answer of real) expect(memory).toEqual(answer)
  })
})

/** Makes the calls one after the other. */
async function answersOf(side: Side, calls: readonly Step[]): Promise<unknown[]> {
  const { apiKey } = await side.mgx.users.create({ username: 'ada', email: 'ada@example.com' })
  const ada = side.as(apiKey ?? '')
  await side.mgx.projects.create({ name: 'first', idea: 'of the admin' })
  const { id: projectId } = await ada.projects.create({ name: 'second', idea: 'of the member' })
  const { token } = await ada.sessions.create({ projectId, ttlSeconds: 7 * 24 * 3600 })
  const callers = { admin: side.mgx, ada, session: side.as(token), stranger: side.as('mgx_key_of_nobody') }
  const answers: unknown[] = []
  for (const { as = 'admin', path, input, late } of calls) {
    if (late) await side.letHoldsFallDue()
    answers.push(await outcomeOf(callers[as], path, input))
  }
  return answers
}
