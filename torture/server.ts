import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LaunchedServer, launchServer } from '../apps/server/src/testing/launch-server.mjs'
import { freePort } from '../packages/db/src/testing/free-port.mjs'
import type { Caller } from './calls.js'

const MAIN = fileURLToPath(new URL('../apps/server/dist/main.js', import.meta.url))
const API_KEY = 'the-key-of-the-admin-who-is-tortured'

/** The built server on a port of its own, which can be killed and started again. */
export type TorturedServer = {
  readonly caller: Caller
  /** Starts it on a database, without waiting until it is ready. `env` is added to its environment. */
  start(databaseUrl: string, env?: NodeJS.ProcessEnv): void
  /** Kills it, unless it has ended. Returns what it printed for people, and its exit code or the signal that ended it. */
  kill(): Promise<{ end: number | NodeJS.Signals | null; stderr: string }>
  /** Resolves when it ends by itself. */
  ended(): Promise<unknown>
  close(): Promise<void>
}

export async function torturedServer(): Promise<TorturedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-torture-'))
  const port = await freePort()
  let server: LaunchedServer | undefined
  const kill = async () => {
    server?.child.kill('SIGKILL')
    const exit = await server?.exited
    return { end: exit?.code ?? server?.child.signalCode ?? null, stderr: exit?.stderr ?? '' }
  }
  return {
    caller: { url: `http://127.0.0.1:${port}`, apiKey: API_KEY },
    start(databaseUrl, env) {
      server = launchServer([process.execPath, MAIN], {
        cwd: folder,
        env: {
          ...{ PATH: process.env.PATH, PORT: String(port), LOG_LEVEL: 'fatal', MGX_SEED: '0', MGX_VERIFY_EVERY: 'off' },
          ...{ DATABASE_URL: databaseUrl, MGX_ADMIN_API_KEY: API_KEY, ...env },
        },
      })
    },
    kill,
    ended: () => server?.exited ?? Promise.resolve(),
    async close() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
