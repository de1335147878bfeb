import type { Command } from '../command.js'
import { connect, targetOf } from '../connection.js'
import { rowSchema } from '../contract/columns.js'
import { say } from '../io.js'
import { layoutOf } from '../output/format.js'
import { printResult } from '../output/print-rows.js'

/** Says as whom commands call. */
export const whoami: Command = {
  summary: 'Show the user that commands call as, and the server they call',
  shares: 'results',
  async run(invocation) {
    const { io } = invocation
    const layout = layoutOf(invocation, rowSchema('users.me'), {
      shown: ['id', 'username', 'email', 'role', 'spendingLimit', 'totalCost'],
    })
    const client = await connect(invocation)
    const user = await client.users.me()
    const { url, profile } = await targetOf(invocation)
    await printResult(io, user, layout)
    await say(io, `At ${url}, profile ${profile}.`)
    return undefined
  },
}
