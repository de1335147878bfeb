import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Makes writes of other processes to SQLite files fail. */
export type FailingWrites = {
  /** The environment that such a process needs. */
  readonly env: NodeJS.ProcessEnv
  /** Makes the n-th write from now on fail with EIO, once; 0 lets all succeed. Counts writes, syncs and truncations. */
  fail(n: number): void
  /** Tells whether the write that `fail` asked for has not come yet. */
  isPending(): boolean
  remove(): void
}

const SOURCE = fileURLToPath(new URL('failing-writes.c', import.meta.url))
/** The size of the file that both processes map. */
const PAGE_BYTES = 4096

/** Prepares a library to be preloaded; returns undefined where there is no C compiler or the system is not Linux. */
export function failingWrites(): FailingWrites | undefined {
  if (process.platform !== 'linux') return undefined
  const folder = mkdtempSync(join(tmpdir(), 'mgx-failing-writes-'))
  const [library, countdown] = [join(folder, 'failing-writes.so'), join(folder, 'countdown')]
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, SOURCE, '-ldl'])
  } catch (error) {
    rmSync(folder, { recursive: true })
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  writeFileSync(countdown, Buffer.alloc(PAGE_BYTES))
  const file = openSync(countdown, 'r+')
  const number = Buffer.alloc(4)
  return {
    env: { LD_PRELOAD: library, MGX_FAULT_FILE: countdown },
    fail(n) {
      number.writeInt32LE(n)
      writeSync(file, number, 0, 4, 0)
    },
    isPending() {
      readSync(file, number, 0, 4, 0)
      return number.readInt32LE() > 0
    },
    remove() {
      closeSync(file)
      rmSync(folder, { recursive: true })
    },
  }
}
