import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../packages/db/src/database.js'
import { mountSmallDisk } from '../packages/db/src/testing/small-disk.js'
import type { Scenario } from './scenario.js'
import { torturedServer } from './server.js'

const DISK_MEBIBYTES = 256
const FREE_BYTES = 128 << 20

/** The disk of the file fills and empties, and another process holds the file, in turn. */
export async function fileHurt(rounds: number): Promise<Scenario> {
  const disk = mountSmallDisk(DISK_MEBIBYTES)
  if (!disk) throw new Error('only root may mount a disk to fill, on Linux')
  const databaseUrl = `sqlite:${join(disk.folder, 'ledger.db')}`
  const { caller, start, close } = await torturedServer()
  start(databaseUrl)
  return {
    trouble: 'the disk fills and empties, or another process holds the file',
    rounds,
    caller,
    begin: () => databaseUrl,
    async hurt(round, random) {
      await sleep(random.between(5, 250))
      if (round % 2 === 0) {
        disk.leave(0)
        await sleep(random.between(50, 1_000))
        disk.leave(FREE_BYTES)
      } else {
        await holdFile(databaseUrl, random.between(50, 6_000))
      }
    },
    async close() {
      await close()
      disk.remove()
    },
  }
}

async function holdFile(databaseUrl: string, milliseconds: number): Promise<void> {
  const db = await openDatabase(databaseUrl)
  const connection = await db.client.acquireConnection()
  await db.raw('BEGIN IMMEDIATE').connection(connection)
  await sleep(milliseconds)
  await db.raw('ROLLBACK').connection(connection)
  await db.client.releaseConnection(connection)
  await db.destroy()
}
