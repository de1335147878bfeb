import { requireScopeFor } from '@mgx/api/authority'
import { invalidField } from '@mgx/contract'
import type { CallSignal } from '../call-options.js'
import { failureOf } from './answer.js'
import { type Call, contextOf } from './call-procedure.js'
import { sweep } from './ledger.js'
import type { Memory } from './memory.js'
import { budgetOf } from './procedures/budgets.js'
import { chargesOf, costRecord } from './procedures/costs.js'
import { projectOf } from './procedures/projects.js'
import { readInput } from './read-input.js'

// Nothing pings in memory, so nothing is taken for silence.
const CONNECTED = 'event: connected\ndata: {"reconnectAfterInactivityMs":2147483647}\n\n'

/** A stream of the cost records of a project: where it begins, and its events as text. */
export type Watching = { readonly lastEventId: string | undefined; readonly events: AsyncGenerator<string, void> }

/** Answers a call of `costs.watch`. A refusal, also one that comes later, is the last event. */
export function watch(memory: Memory, call: Call, signal: CallSignal | undefined): Watching {
  const refused = (error: unknown) => {
    const { error: shape } = failureOf(error, call.path, call.requestId).body as { error: object }
    return `event: serialized-error\ndata: ${JSON.stringify(shape)}\n\n`
  }
  try {
    const { projectId, start } = startOf(memory, call)
    return { lastEventId: String(start), events: eventsFrom(start, projectId) }
  } catch (error) {
    return { lastEventId: undefined, events: only(CONNECTED, refused(error)) }
  }

  async function* eventsFrom(start: number, projectId: number) {
    yield CONNECTED
    for (let last = start; !signal?.aborted; ) {
      const changed = change(memory, signal)
      try {
        sweep(memory)
        const project = projectOf(contextOf(memory, call), projectId)
        for (const charge of chargesOf(memory, projectId).filter(({ id }) => id > last)) {
          last = charge.id
          yield `data: ${JSON.stringify({ record: costRecord(charge), budget: budgetOf(project) })}\nid: ${last}\n\n`
        }
      } catch (error) {
        yield refused(error)
        return
      }
      await changed
    }
  }
}

function startOf(memory: Memory, call: Call): { projectId: number; start: number } {
  const context = contextOf(memory, call)
  requireScopeFor(context.caller, 'subscription')
  const { projectId, lastEventId } = readInput(call.path, call.input) as { projectId: number; lastEventId?: number }
  projectOf(context, projectId)
  const newest = chargesOf(memory, projectId).at(-1)?.id ?? 0
  if (lastEventId !== undefined && lastEventId > newest) throw invalidField('lastEventId', 'is past the newest record')
  return { projectId, start: lastEventId ?? newest }
}

/** Resolves when something may have changed, or the signal is given. */
function change({ waiting }: Memory, signal: CallSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      waiting.delete(done)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    waiting.add(done)
    signal?.addEventListener('abort', done)
  })
}

async function* only(...events: string[]): AsyncGenerator<string, void> {
  yield* events
}
