import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export type Exit = { code: number; stdout: string; stderr: string }

/** Runs the built command, by default in an empty folder. */
export async function mgx(args: string[], env: NodeJS.ProcessEnv = {}, cwd = emptyFolder()): Promise<Exit> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: these tests run the built command. Run: npm run build`)
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { cwd, env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      },
    )
  })
}

/** Creates a folder that is deleted at the end of the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
