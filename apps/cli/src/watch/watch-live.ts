import type { MgxClient, MgxResponse, Project } from '@mgx/client'
import { untilInterrupted } from '../calls/stream.js'
import type { Io } from '../io.js'
import { openScreen } from '../output/screen.js'
import { paintFor } from '../output/style.js'
import { followRun } from './follow-run.js'
import { frameLines } from './run-frame.js'
import { MOST_RECORDS, type RunState, withRecord } from './run-state.js'

/** Times are relative and the cost of a minute passes, so the view changes although nothing happens. */
const REDRAW_MS = 500

/** Draws a run until it ends or the person interrupts the view. The last view stays on the terminal. */
export async function watchLive({
  io,
  client,
  project,
  response,
}: {
  io: Io
  client: MgxClient
  project: Project
  response: MgxResponse
}): Promise<number> {
  const projectId = project.id
  const [budget, { items: records }] = await Promise.all([
    client.budgets.get({ projectId }),
    client.costs.list({ projectId, limit: MOST_RECORDS }),
  ])
  const served = Date.parse(response.headers.get('date') ?? '')
  const offset = Number.isNaN(served) ? 0 : served - io.now()
  let state: RunState = { project, budget, records, offset, holds: [], trouble: undefined }
  const frame = (isLast: boolean) => {
    const size = io.size() ?? { columns: 80, rows: 24 }
    return frameLines(state, { ...size, now: io.now(), paint: paintFor(io), isLast })
  }
  const screen = await openScreen(io)
  const draw = () => screen.draw(frame(false))
  const redrawing = setInterval(() => void draw(), REDRAW_MS)
  try {
    await draw()
    return await untilInterrupted(io, (signal) =>
      followRun(
        client,
        { projectId, lastEventId: records[0]?.id ?? 0 },
        {
          signal,
          async onCost({ record, budget }) {
            state = withRecord(state, record, budget)
            await draw()
          },
          async onProject(project, budget, holds) {
            state = { ...state, project, budget, holds }
          },
          async onTrouble(error) {
            state = { ...state, trouble: error && `The server does not answer; trying again. ${error.message}` }
          },
        },
      ),
    )
  } finally {
    clearInterval(redrawing)
    await screen.close()
    await io.stdout.write(`${frame(true).join('\n')}\n`)
  }
}
