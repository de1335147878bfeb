import { auditRound, type Faults } from './audit.js'
import { type Call, type Caller, must, newRound, recovery } from './calls.js'
import { type Random, seededRandom } from './random.js'

/** What is hurt, again and again. */
export type Scenario = {
  readonly trouble: string
  readonly rounds: number
  readonly caller: Caller
  /** Begins a round with a server that is ready or will be. Returns the URL of its database. */
  begin(round: number): Promise<string> | string
  /** Hurts a server or its database at a random moment, and resolves when the cause of the trouble is gone. */
  hurt(round: number, random: Random): Promise<void>
  close(): Promise<void>
}

/** The sum over the rounds of a scenario. */
export type Result = Faults & {
  name: string
  trouble: string
  rounds: number
  calls: number
  acknowledged: number
  refused: number
  /** Calls that got no reply at first, or one that says that they may have taken effect. Each was repeated until it had one. */
  unknown: number
  /** The longest time from the end of the trouble to the next reply, in milliseconds. */
  slowestRecovery: number
  /** Rounds after which the server took too long to reply, or `system.verify` found a drift. */
  failed: number
}

const CALLERS = 8
const RECOVERY_MILLISECONDS = 5_000

/**
 * Runs a scenario: in each round mixed load, the trouble in its middle, and an audit. `only` is the one round to run. Ends
 * after a round that did not come to its end, such as one after which the server never replied.
 */
export async function runScenario(
  name: string,
  scenario: Scenario,
  { seed, only, tell }: { seed: string; only?: number | undefined; tell: (line: string) => void },
): Promise<Result> {
  const { trouble, rounds } = scenario
  const result: Result = {
    ...{ name, trouble, rounds: 0, calls: 0, acknowledged: 0, refused: 0, unknown: 0, slowestRecovery: 0, failed: 0 },
    ...{ lost: 0, doubled: 0, traces: 0, overspent: 0, unbalanced: 0 },
  }
  for (let number = only ?? 1; number <= (only ?? rounds); number++) {
    result.rounds += 1
    try {
      const fault = await runRound(scenario, number, `${seed}/${name}/${number}`, result)
      if (fault) tell(`${name}, round ${number}: ${fault}`)
    } catch (error) {
      result.failed += 1
      tell(`${name}, round ${number}: ${(error as Error).stack}`)
      break
    }
    if (number % 25 === 0) tell(`${name}: ${number} of ${rounds} rounds`)
  }
  return result
}

/** Runs a round and adds it to the result. Returns what was wrong, if anything. */
async function runRound(scenario: Scenario, number: number, seed: string, result: Result): Promise<string | undefined> {
  const { caller } = scenario
  const databaseUrl = await scenario.begin(number)
  await recovery(caller)
  const round = newRound(await newProjects(caller, seed), seed)
  const load = round.run(caller, CALLERS)
  const [milliseconds] = await Promise.all([hurtAndRecover(scenario, number, seed).finally(round.stop), load])

  const faults = await auditRound(databaseUrl, round)
  const { ok } = await must<{ ok: boolean }>(caller, 'system.verify')
  const hasFailed = !ok || milliseconds > RECOVERY_MILLISECONDS
  add(result, round.calls, faults)
  result.failed += hasFailed ? 1 : 0
  result.slowestRecovery = Math.max(result.slowestRecovery, milliseconds)
  const isFaulty = hasFailed || Object.values(faults).some((times) => times > 0)
  return isFaulty ? JSON.stringify({ ...faults, ok, milliseconds: Math.round(milliseconds) }) : undefined
}

async function hurtAndRecover({ hurt, caller }: Scenario, number: number, seed: string): Promise<number> {
  await hurt(number, seededRandom(seed))
  return recovery(caller)
}

async function newProjects(caller: Caller, name: string): Promise<{ guardedId: number; openId: number }> {
  const create = async (investment: string) =>
    (await must<{ id: number }>(caller, 'projects.create', { name, idea: 'Torture', investment })).id
  return { guardedId: await create('0.2'), openId: await create('1000') }
}

function add(result: Result, calls: readonly Call[], faults: Faults): void {
  result.calls += calls.length
  for (const { outcome, wasUnknown } of calls) {
    result[outcome] += 1
    if (wasUnknown) result.unknown += 1
  }
  for (const fault of Object.keys(faults) as (keyof Faults)[]) result[fault] += faults[fault]
}
