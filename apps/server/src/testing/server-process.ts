import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { addressOf, type Exit, type LaunchedServer, launchServer, readLog } from './launch-server.mjs'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** The built server in a process of its own; killed at the end of the test. */
export type ServerProcess = {
  url: string
  /** The lines of its log so far, which are all that its stdout may have. */
  log(): Record<string, unknown>[]
  /** What it has told people so far. */
  stderr(): string
  /** Sends a signal; does not wait. */
  signal(name: NodeJS.Signals): void
  /** How it ended, when it has. */
  exited: Promise<Exit>
}

/** An empty folder for a server to run in, where it keeps its secret; deleted at the end of the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-server-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs the server to its end: for starts that fail. */
export function runServer(folder: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Exit> {
  return launch(folder, env, args).exited
}

/** Starts the server on a port the system chooses; answers when it serves. @throws Error with what it printed when it ends instead. */
export async function startServer(folder: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<ServerProcess> {
  const server = launch(folder, env, args)
  return {
    url: await addressOf(server),
    log: () => readLog(server.printed().stdout),
    stderr: () => server.printed().stderr,
    exited: server.exited,
    signal: (name) => server.child.kill(name),
  }
}

/** The key that a first start tells people. */
export function printedKey({ stderr }: Pick<ServerProcess, 'stderr'>): string | undefined {
  return /^ *export MGX_API_KEY=(mgx_key_\S+)$/m.exec(stderr())?.[1]
}

/** Starts the server; does not wait. */
export function launch(folder: string, env: NodeJS.ProcessEnv, args: string[] = []): LaunchedServer {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: these tests run the built server. Run: npm run build`)
  const variables = { PATH: process.env.PATH, PORT: '0', ...env }
  const server = launchServer([process.execPath, MAIN, ...args], { cwd: folder, env: variables })
  onTestFinished(async () => {
    server.child.kill('SIGKILL')
    await server.exited
  })
  return server
}
