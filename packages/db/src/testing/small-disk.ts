import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk of its own for a database, whose free space a test sets. */
export type SmallDisk = {
  readonly folder: string
  /** Leaves this many bytes of it free, rounded down to whole pages. */
  leave(bytes: number): void
  remove(): void
}

const PAGE_BYTES = 4096

/** A disk in memory of 16 MiB; undefined for users who may not mount one. */
export function mountSmallDisk(): SmallDisk | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'mgx-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder])
  const filler = join(folder, 'filler')
  return {
    folder,
    leave(bytes) {
      rmSync(filler, { force: true })
      const { bavail, bsize } = statfsSync(folder)
      const filled = bavail * bsize - Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES
      if (filled > 0) writeFileSync(filler, Buffer.alloc(filled))
    },
    remove() {
      execFileSync('umount', ['-l', folder])
      rmSync(folder, { recursive: true })
    },
  }
}
