import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FailingWrites, failingWrites } from '../packages/db/src/testing/failing-writes.js'
import { recovery } from './calls.js'
import type { Random } from './random.js'
import type { Scenario } from './scenario.js'
import { torturedServer } from './server.js'

/** Every round begins with a new database. */
async function onNewDatabases(faults: FailingWrites) {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-torture-writes-'))
  const server = await torturedServer()
  return {
    ...server,
    next(round: number) {
      const file = join(folder, `${round}.db`)
      rmSync(join(folder, `${round - 1}.db`), { force: true })
      return `sqlite:${file}`
    },
    async close() {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
      faults.remove()
    },
  }
}

/** In the n-th round, the n-th write after the load begins fails. */
export async function writesFail(rounds: number): Promise<Scenario> {
  const faults = needed(failingWrites())
  const { caller, start, kill, next, close } = await onNewDatabases(faults)
  return {
    trouble: 'the n-th write after the load begins fails',
    rounds,
    caller,
    async begin(round) {
      await kill()
      const databaseUrl = next(round)
      start(databaseUrl, faults.env)
      return databaseUrl
    },
    async hurt(round) {
      faults.fail(round)
      while (faults.isPending()) await sleep(5)
    },
    close,
  }
}

/** In the n-th round, the n-th write of a server that starts on a new database fails; then it is started again, and killed. */
export async function startsFail(rounds: number): Promise<Scenario> {
  const faults = needed(failingWrites())
  const { caller, start, kill, ended, next, close } = await onNewDatabases(faults)
  let databaseUrl = ''
  return {
    trouble: 'the n-th write of a start on a new database fails; started again and killed',
    rounds,
    caller,
    async begin(round) {
      await kill()
      databaseUrl = next(round)
      faults.fail(round)
      start(databaseUrl, faults.env)
      while (faults.isPending()) await sleep(5)
      // It ends by itself, or it serves in spite of the fault.
      await Promise.race([ended(), recovery(caller)])
      const { end, stderr } = await kill()
      const isClear = end === 'SIGKILL' || (typeof end === 'number' && end > 0 && stderr !== '')
      if (!isClear) throw new Error(`a start that failed ended with ${end}: ${stderr}`)
      start(databaseUrl, faults.env)
      return databaseUrl
    },
    async hurt(_, random: Random) {
      await sleep(random.between(5, 50))
      await kill()
      start(databaseUrl, faults.env)
    },
    close,
  }
}

function needed(faults: FailingWrites | undefined): FailingWrites {
  if (!faults) throw new Error('writes can fail only on Linux, and need a C compiler')
  return faults
}
