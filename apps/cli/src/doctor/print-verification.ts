import type { Invocation } from '../command.js'
import { connect } from '../connection.js'
import { rowSchema } from '../contract/columns.js'
import { EXIT } from '../exit-code.js'
import { say } from '../io.js'
import { layoutOf } from '../output/format.js'
import { printResult } from '../output/print-rows.js'
import { wrongFigures } from './wrong-figures.js'

/** Adding everything up again takes as long as there are records. */
const TIME = { timeoutMs: 10 * 60_000, deadlineMs: 10 * 60_000 }
const COUNTED = ['users', 'projects', 'records', 'reservations'].map((name) => `checked.${name}`)

/** Lets the server add up its books, and prints what it found. */
export async function printVerification(invocation: Invocation): Promise<number> {
  const { io } = invocation
  const layout = layoutOf(invocation, rowSchema('system.verify'), { shown: ['ok', 'verifiedAt', ...COUNTED, 'drifts'] })
  const client = await connect(invocation)
  const verification = await client.system.verify(TIME)
  await printResult(io, verification, layout)
  if (verification.ok) return EXIT.done
  await say(io, `The books do not balance: ${wrongFigures(verification)}.`)
  return EXIT.failed
}
