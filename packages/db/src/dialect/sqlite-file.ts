import { statSync } from 'node:fs'

/** An open SQLite database file and its write-ahead log. */
export type SqliteFile = {
  /**
   * Checks that both are still at their paths. SQLite keeps writing to a file that was moved, deleted or replaced, and
   * those writes are gone after a restart.
   * @throws Error with the code `SQLITE_READONLY_DBMOVED`, which SQLite uses when it notices.
   */
  requireInPlace(): void
}

/** Remembers the identity of the file now at this path; returns undefined for an in-memory database. */
export function openedFile(filename: string): SqliteFile | undefined {
  if (filename === ':memory:') return undefined
  const database = identityOf(filename)
  let log: string | undefined
  return {
    requireInPlace() {
      const logNow = identityOf(`${filename}-wal`)
      // SQLite creates the log when it first needs it.
      log ??= logNow
      if (database !== undefined && identityOf(filename) === database && logNow === log) return
      const message = `the file ${filename}, or its -wal, was moved, deleted or replaced while it was open`
      throw Object.assign(new Error(message), { code: 'SQLITE_READONLY_DBMOVED' })
    },
  }
}

/** Returns device and inode. An inode is not reused while the file is open. */
function identityOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats && `${stats.dev}:${stats.ino}`
}
