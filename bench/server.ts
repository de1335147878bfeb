import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressOf, launchServer } from '../apps/server/src/testing/launch-server.mjs'

const MAIN = fileURLToPath(new URL('../apps/server/dist/main.js', import.meta.url))

export type BenchServer = { url: string; apiKey: string; stop(): Promise<void> }

/** Starts the built server in a separate process with production settings and in a temporary folder. `more` is added to its environment. */
export async function startServer(databaseUrl: string, more: NodeJS.ProcessEnv = {}): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-bench-server-'))
  const apiKey = randomBytes(24).toString('hex')
  const env = {
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    PORT: '0',
    MGX_SECRET: randomBytes(32).toString('hex'),
    MGX_ADMIN_API_KEY: apiKey,
    MGX_AUTO_MIGRATE: 'true',
    ...more,
  }
  const server = launchServer([process.execPath, MAIN], { cwd: folder, env })
  // Kills the server even if the bench fails.
  const kill = () => server.child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async () => {
    process.off('exit', kill)
    server.child.kill('SIGTERM')
    await server.exited
    rmSync(folder, { recursive: true })
  }
  return { url: await addressOf(server), apiKey, stop }
}
