import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../apps/server/dist/main.js', import.meta.url))

export type BenchServer = { url: string; apiKey: string; stop(): Promise<void> }

/** The built server in a process of its own, as in production, its log in a file. */
export async function startServer(databaseUrl: string): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-bench-server-'))
  const output = join(folder, 'output')
  const apiKey = randomBytes(24).toString('hex')
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    env: {
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      PORT: '0',
      MGX_SECRET: randomBytes(32).toString('hex'),
      MGX_ADMIN_API_KEY: apiKey,
      MGX_AUTO_MIGRATE: 'true',
    },
    stdio: ['ignore', openSync(output, 'a'), 'inherit'],
  })
  const exited = once(child, 'exit')
  // Also when the bench fails.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async () => {
    process.off('exit', kill)
    child.kill('SIGTERM')
    await exited
    rmSync(folder, { recursive: true })
  }
  while (child.exitCode === null) {
    const url = /^MGX Backend .* (http:\S+)$/m.exec(readFileSync(output, 'utf8'))?.[1]
    if (url) return { url, apiKey, stop }
    await sleep(50)
  }
  throw new Error(`the server ended before it served:\n${readFileSync(output, 'utf8')}`)
}
