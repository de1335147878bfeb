import { statSync } from 'node:fs'

/** The file of a SQLite database as it was opened, and its write-ahead log. */
export type SqliteFile = {
  /**
   * Returns while both are still at their paths. SQLite goes on writing to a file that was moved, deleted or replaced, and
   * none of that is there after a restart.
   * @throws Error with the code `SQLITE_READONLY_DBMOVED`, as SQLite calls it where it notices.
   */
  requireInPlace(): void
}

/** Remembers which file is at the path now; undefined for a database in memory. */
export function openedFile(filename: string): SqliteFile | undefined {
  if (filename === ':memory:') return undefined
  const database = identityOf(filename)
  let log: string | undefined
  return {
    requireInPlace() {
      const logNow = identityOf(`${filename}-wal`)
      // SQLite makes the log when it first needs it.
      log ??= logNow
      if (database !== undefined && identityOf(filename) === database && logNow === log) return
      const message = `the file ${filename}, or its -wal, was moved, deleted or replaced while it was open`
      throw Object.assign(new Error(message), { code: 'SQLITE_READONLY_DBMOVED' })
    },
  }
}

/** Device and inode: an inode is not used again while the file is open. */
function identityOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats && `${stats.dev}:${stats.ino}`
}
