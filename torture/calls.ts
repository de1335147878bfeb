import { setTimeout as sleep } from 'node:timers/promises'
import { formatUsd } from '../packages/contract/src/money.js'
import { type Random, seededRandom } from './random.js'

/** A call that moves money, and what its caller knows of it. */
export type Call = {
  readonly procedure: 'costs.record' | 'costs.recordMany' | 'budgets.reserve' | 'budgets.settle' | 'budgets.release'
  readonly input: Record<string, unknown>
  /** The keys of the cost records that it writes; its hold has the first as its own. */
  readonly keys: readonly string[]
  outcome: 'acknowledged' | 'refused'
  /** Whether it got no reply once, or one that says that the call may have taken effect. */
  wasUnknown: boolean
  /** The hold that it opened or ended. */
  reservationId?: number
}

export type Caller = { readonly url: string; readonly apiKey: string }

/** What one round sends: to a project in which only holds spend, and to one in which calls are recorded without asking. */
export type Round = {
  readonly guardedId: number
  readonly openId: number
  /** The calls that were answered, in the end. */
  readonly calls: Call[]
  /** Runs callers that send one call after another, each until it is answered, until `stop` is called. */
  run(caller: Caller, callers: number): Promise<void>
  stop(): void
}

const USAGE = { model: 'gpt-4o', promptTokens: 10, completionTokens: 5 }
/** Reasons after which a call may have taken effect. */
const UNSURE = new Set(['unavailable', 'internal'])
const PAUSE_MILLISECONDS = 100
const GIVEN_UP_MILLISECONDS = 60_000

/** Every caller sends the sequence of calls that the seed and its number give. */
export function newRound({ guardedId, openId }: { guardedId: number; openId: number }, seed: string): Round {
  const calls: Call[] = []
  let isStopped = false

  async function untilAnswered(caller: Caller, call: Call): Promise<void> {
    const begin = performance.now()
    for (;;) {
      const reply = await post(caller, call.procedure, call.input)
      if (reply && !('reason' in reply && UNSURE.has(reply.reason))) {
        note(call, reply)
        return
      }
      call.wasUnknown = true
      if (performance.now() - begin > GIVEN_UP_MILLISECONDS)
        throw new Error(`${call.procedure} ${call.keys[0]}: no reply`)
      await sleep(PAUSE_MILLISECONDS)
    }
  }

  return {
    guardedId,
    openId,
    calls,
    async run(caller, callers) {
      const untilStopped = async (_: unknown, number: number) => {
        const next = callsOf({ guardedId, openId }, `${seed}/${number}`)
        while (!isStopped) {
          const call = next()
          await untilAnswered(caller, call)
          calls.push(call)
        }
      }
      await Promise.all(Array.from({ length: callers }, untilStopped))
    },
    stop() {
      isStopped = true
    },
  }
}

/** Returns a function that returns the next call of one caller, which ends only holds of its own. */
function callsOf({ guardedId, openId }: { guardedId: number; openId: number }, seed: string): () => Call {
  const random: Random = seededRandom(seed)
  const reserved: Call[] = []
  let count = 0
  const key = () => `${seed}/${++count}`
  const recordOf = (own: string) => {
    const totalCost = formatUsd(BigInt(random.between(1, 50_000_000)))
    return { projectId: openId, ...USAGE, totalCost, actionType: own, idempotencyKey: own }
  }
  const callOf = (call: Pick<Call, 'procedure' | 'input' | 'keys' | 'reservationId'>): Call => {
    return { ...call, outcome: 'refused', wasUnknown: false }
  }
  return () => {
    const chance = random.next()
    const own = key()
    const held = chance > 0.6 ? reserved.shift() : undefined
    if (held?.reservationId !== undefined) {
      const reservationId = held.reservationId
      // Never more than the hold, so that the budget of the project holds.
      const settled = { reservationId, ...USAGE, totalCost: '0.001', actionType: own }
      if (chance > 0.7) return callOf({ procedure: 'budgets.settle', input: settled, keys: [own], reservationId })
      return callOf({ procedure: 'budgets.release', input: { reservationId }, keys: [], reservationId })
    }
    if (chance < 0.3) {
      const ttlSeconds = random.pick([1, 600])
      const amount = `0.0${random.between(1, 9)}`
      const input = { projectId: guardedId, amount, ttlSeconds, idempotencyKey: own }
      const call = callOf({ procedure: 'budgets.reserve', input, keys: [own] })
      // A hold that expires is not settled: a late cost is recorded past the budget, as promised.
      if (ttlSeconds === 600) reserved.push(call)
      return call
    }
    if (chance < 0.5) return callOf({ procedure: 'costs.record', input: recordOf(own), keys: [own] })
    const keys = [own, key(), key()]
    return callOf({ procedure: 'costs.recordMany', input: { records: keys.map(recordOf) }, keys })
  }
}

/** @throws Error when a cost is refused, for there is always room for it. */
function note(call: Call, reply: Reply): void {
  if ('reason' in reply) {
    if (call.procedure.startsWith('costs.')) throw new Error(`${call.procedure}: ${reply.reason}: ${reply.message}`)
    return
  }
  call.outcome = 'acknowledged'
  if (call.procedure === 'budgets.reserve') {
    call.reservationId = (reply.data as { reservation: { id: number } }).reservation.id
  }
}

type Reply = { data: unknown } | { reason: string; message: string }

/** Calls a procedure. Returns undefined when there is no complete reply. */
async function post({ url, apiKey }: Caller, procedure: string, input: object): Promise<Reply | undefined> {
  try {
    const response = await fetch(`${url}/trpc/${procedure}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(30_000),
    })
    const body = (await response.json()) as {
      result?: { data: unknown }
      error?: { message: string; data: { reason: string } }
    }
    if (body.error) return { reason: body.error.data.reason, message: body.error.message }
    return { data: body.result?.data }
  } catch {
    return undefined
  }
}

/** Calls a procedure that must succeed. @throws Error with its reason. */
export async function must<Data>(caller: Caller, procedure: string, input: object = {}): Promise<Data> {
  const reply = await post(caller, procedure, input)
  if (reply && 'data' in reply) return reply.data as Data
  throw new Error(`${procedure}: ${reply ? `${reply.reason}: ${reply.message}` : 'no reply'}`)
}

/** Resolves with how long the next reply to a call that writes takes, in milliseconds. @throws Error when none comes. */
export async function recovery(caller: Caller): Promise<number> {
  const begin = performance.now()
  let last = 'no reply'
  while (performance.now() - begin < GIVEN_UP_MILLISECONDS) {
    const reply = await post(caller, 'projects.create', { name: 'Recovered', idea: 'Torture' })
    if (reply && 'data' in reply) return performance.now() - begin
    if (reply) last = `${reply.reason}: ${reply.message}`
    await sleep(50)
  }
  throw new Error(`no call has succeeded for a minute: ${last}`)
}
