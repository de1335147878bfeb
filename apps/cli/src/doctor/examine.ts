import manifest from '../../package.json' with { type: 'json' }
import type { Invocation } from '../command.js'
import { clientFor, type Target, targetOf } from '../connection.js'
import { EXIT } from '../exit-code.js'
import { layoutOf } from '../output/format.js'
import { rowPrinter } from '../output/print-rows.js'
import { booksCheck, type Check, clockCheck, contractCheck, keyCheck } from './checks.js'

const ROW = {
  properties: { check: { type: 'string' }, status: { type: 'string' }, detail: { type: 'string' } },
} as const

/** What a call without a key sends as one: the health of a server is public. */
const NO_KEY = 'none'

/**
 * Prints what it finds, a check a line, and returns the exit code of the worst.
 * @throws MgxError when no server answers: there is nothing more to check then.
 */
export async function examine(invocation: Invocation): Promise<number> {
  const { io } = invocation
  const layout = layoutOf(invocation, ROW)
  const target = await targetOf(invocation)
  const checks = await checksOf(target, io.now)
  const printer = rowPrinter(io, layout)
  for (const { check, status, detail } of checks) await printer.row({ check, status, detail })
  await printer.end()
  const failed = checks.filter(({ status }) => status === 'failed')
  return failed[0]?.exitCode ?? (failed.length > 0 ? EXIT.failed : EXIT.done)
}

async function checksOf({ url, apiKey, profile }: Target, now: () => number): Promise<Check[]> {
  const client = await clientFor(url, apiKey ?? NO_KEY)
  const begin = now()
  const { data, response } = await client.system.health().withResponse()
  const end = now()
  const { version, dialect } = data
  const key = await keyCheck(client, apiKey !== undefined)
  return [
    { check: 'server', status: 'ok', detail: `${url} (profile ${profile}), ${end - begin} ms` },
    { check: 'version', status: 'ok', detail: `server ${version}, mgx ${manifest.version}` },
    contractCheck(response.headers.get('x-mgx-contract')),
    clockCheck(response.headers.get('date'), (begin + end) / 2),
    { check: 'database', status: 'ok', detail: dialect },
    key.check,
    await booksCheck(client, key.role),
  ]
}
