import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A separate disk for a database, whose free space the test controls. */
export type SmallDisk = {
  readonly folder: string
  /** Fills the disk so that this many bytes stay free, rounded down to whole pages. */
  leave(bytes: number): void
  remove(): void
}

const PAGE_BYTES = 4096

/** Mounts an in-memory disk; returns undefined when the user may not mount one. */
export function mountSmallDisk(mebibytes = 16): SmallDisk | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'mgx-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder])
  const filler = join(folder, 'filler')
  return {
    folder,
    leave(bytes) {
      rmSync(filler, { force: true })
      const { bavail, bsize } = statfsSync(folder)
      const filled = bavail * bsize - Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES
      if (filled > 0) fillUp(filler, filled)
    },
    remove() {
      execFileSync('umount', ['-l', folder])
      rmSync(folder, { recursive: true })
    },
  }
}

/** Writes a file of this size, or as much of it as there is room for, because others write too. */
function fillUp(path: string, bytes: number): void {
  try {
    writeFileSync(path, Buffer.alloc(bytes))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}
