import type { Invocation } from '../command.js'
import { connect, targetOf } from '../connection.js'
import { rowSchema } from '../contract/columns.js'
import { say } from '../io.js'
import { layoutOf } from '../output/format.js'
import { printResult } from '../output/print-rows.js'

const COLUMNS = ['id', 'username', 'email', 'role', 'spendingLimit', 'totalCost']

/** Prints the user that commands call as, and says where. */
export async function printUser(invocation: Invocation): Promise<undefined> {
  const { io } = invocation
  const layout = layoutOf(invocation, rowSchema('users.me'), { shown: COLUMNS })
  const client = await connect(invocation)
  const user = await client.users.me()
  const { url, profile } = await targetOf(invocation)
  await printResult(io, user, layout)
  await say(io, `At ${url}, profile ${profile}.`)
}
