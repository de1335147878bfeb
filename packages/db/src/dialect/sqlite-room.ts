import { access, constants, statfs } from 'node:fs/promises'
import type { Knex } from 'knex'

/** Roughly what the largest group of calls writes. */
const LEAST_ROOM_BYTES = 1024 * 1024

const ROOM_IN_FILE = `SELECT (max_page_count - page_count + freelist_count) * page_size AS room
  FROM pragma_max_page_count, pragma_page_count, pragma_freelist_count, pragma_page_size`

/** Whether both the database's page limit and its disk have room for what a group of calls writes. */
export async function hasRoom(db: Knex): Promise<boolean> {
  const { filename } = db.client.connectionSettings as { filename: string }
  if ((await roomInFile(db)) < LEAST_ROOM_BYTES) return false
  return filename === ':memory:' || (await roomOnDisk(filename)) >= LEAST_ROOM_BYTES
}

/** The page limit is per connection, so this asks the connection that writes. */
async function roomInFile(db: Knex): Promise<number> {
  const connection = await db.client.acquireConnection()
  try {
    const [{ room }] = await db.raw(ROOM_IN_FILE).connection(connection)
    return room
  } finally {
    await db.client.releaseConnection(connection)
  }
}

/** Returns the free bytes on a file's disk; 0 when the file is not writable. */
async function roomOnDisk(filename: string): Promise<number> {
  try {
    await access(filename, constants.W_OK)
  } catch {
    return 0
  }
  const { bavail, bfree, bsize } = await statfs(filename)
  // Only root may use a disk's reserved blocks.
  return (process.getuid?.() === 0 ? bfree : bavail) * bsize
}
