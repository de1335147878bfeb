import type { Command } from '../command.js'
import { connect } from '../connection.js'
import { columnsAt, rowSchema } from '../contract/columns.js'
import { $defs } from '../contract/document.js'
import { EXIT } from '../exit-code.js'
import { say } from '../io.js'
import { drawingFor } from '../output/drawing.js'
import { layoutOf } from '../output/format.js'
import { printResult } from '../output/print-rows.js'
import { tableLines } from '../output/table.js'

/** Adding everything up again takes as long as there are records. */
const TIME = { timeoutMs: 10 * 60_000, deadlineMs: 10 * 60_000 }
const COUNTED = ['users', 'projects', 'records', 'reservations'].map((name) => `checked.${name}`)

/** Lets the server add up its books. */
export const verify: Command = {
  summary: 'Let the server recompute all totals, and print those that do not match. Exits with 1 if any do not',
  shares: 'results',
  async run(invocation) {
    const { io } = invocation
    const layout = layoutOf(invocation, rowSchema('system.verify'), { shown: ['ok', 'verifiedAt', ...COUNTED] })
    const client = await connect(invocation)
    const verification = await client.system.verify(TIME)
    await printResult(io, verification, layout)
    const { ok, drifts, hasMore } = verification
    if (ok) return EXIT.done
    if (layout.format === 'table') {
      const columns = columnsAt($defs.Drift ?? {}, ['what', 'expected', 'found', 'difference'])
      await io.stdout.write(`\n${tableLines(columns, drifts, drawingFor(io)).join('\n')}\n`)
    }
    await say(io, `The books do not balance: ${hasMore ? 'at least ' : ''}${drifts.length} figures are wrong.`)
    return EXIT.failed
  },
}
