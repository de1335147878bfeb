import { MAX_BATCH_CALLS, MAX_BODY_BYTES } from '@mgx/contract/limits'
import type { CallSignal } from '../options.js'
import type { Outcome, OutgoingCall } from './request.js'
import type { Stop } from './time-limit.js'

/** Sends calls together; never throws. */
type SendAll = (calls: readonly OutgoingCall[], signal: CallSignal) => Promise<Outcome[]>
/** Sends one call; never throws. */
type Send = (call: OutgoingCall, stop: Stop) => Promise<Outcome>
type Sending = { call: OutgoingCall; stop: Stop; resolve: (outcome: Outcome) => void }
type Waiting = Sending & { bytes: number }

/** The bytes that a batch adds per input: `"49":…,`. */
const NAME_BYTES = 6

// Captured at load time, so that fake timers installed later by a service's tests do not delay its calls.
const { setImmediate = setTimeout } = globalThis
const encoder = new TextEncoder()

/** Sends each call in a request of its own; none for a call that was cancelled in the meantime. */
export function oneByOne(sendAll: SendAll): Send {
  return (call, stop) =>
    new Promise((resolve) => {
      if (!stop.isGiven) void sendGroup(sendAll, [{ call, stop, resolve }])
    })
}

/**
 * Sends calls made in the same tick in one request if they have the same type and headers, up to the server's limits on
 * calls and bytes. A single call is sent unbatched.
 */
export function batched(sendAll: SendAll): Send {
  let waiting: Waiting[] = []
  const sendWaiting = () => {
    // Skip calls that were cancelled in the meantime.
    const calls = waiting.filter(({ stop }) => !stop.isGiven)
    waiting = []
    for (const group of groupsOf(calls)) void sendGroup(sendAll, group)
  }
  return (call, stop) =>
    new Promise((resolve) => {
      const bytes = NAME_BYTES + encoder.encode(call.body).length
      if (waiting.push({ call, stop, bytes, resolve }) === 1) setImmediate(sendWaiting)
    })
}

function groupsOf(calls: readonly Waiting[]): Waiting[][] {
  const groups: Waiting[][] = []
  const open = new Map<string, { group: Waiting[]; bytes: number }>()
  for (const one of calls) {
    const kind = JSON.stringify([one.call.type, one.call.headers])
    const last = open.get(kind)
    if (last && last.group.length < MAX_BATCH_CALLS && last.bytes + one.bytes <= MAX_BODY_BYTES) {
      last.group.push(one)
      last.bytes += one.bytes
    } else {
      const group = [one]
      groups.push(group)
      open.set(kind, { group, bytes: '{}'.length + one.bytes })
    }
  }
  return groups
}

/** Sends one request; aborts it once all of its calls are cancelled. */
async function sendGroup(sendAll: SendAll, group: readonly Sending[]): Promise<void> {
  const controller = new AbortController()
  let staying = group.length
  const leave = () => {
    staying -= 1
    if (staying === 0) controller.abort()
  }
  for (const { stop } of group) stop.onGiven = leave
  const calls = group.map(({ call }) => call)
  const outcomes = await sendAll(calls, controller.signal)
  group.forEach(({ resolve }, index) => {
    resolve(outcomes[index] as Outcome)
  })
}
