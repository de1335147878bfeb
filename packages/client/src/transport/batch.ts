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

/** A batch names each input: `"49":…,`. */
const NAME_BYTES = 6

// Taken here, so that fake timers in the tests of a service do not hold its calls back.
const { setImmediate = setTimeout } = globalThis
const encoder = new TextEncoder()

/** Sends each call by itself. */
export function oneByOne(sendAll: SendAll): Send {
  return (call, stop) => new Promise((resolve) => void sendGroup(sendAll, [{ call, stop, resolve }]))
}

/**
 * Sends the calls of one tick together: those of one type and with the same headers, as many as the server takes of
 * a request. One that is alone goes as it is.
 */
export function batched(sendAll: SendAll): Send {
  let waiting: Waiting[] = []
  const sendWaiting = () => {
    // Who has given up is not sent any more.
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

/** The request is given up when all of its calls are. */
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
