import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { addressOf, type Exit, type LaunchedServer, launchServer, readLog } from './launch-server.mjs'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** The built server in its own process; killed at the end of the test. */
export type ServerProcess = {
  url: string
  pid: number
  /** The lines of its log so far. Throws when its stdout has anything else. */
  log(): Record<string, unknown>[]
  /** The text of its log so far, which is that of people when its format is pretty. */
  stdout(): string
  /** Its messages for people so far. */
  stderr(): string
  /** Sends a signal; does not wait. */
  signal(name: NodeJS.Signals): void
  /** Resolves when it has ended. */
  exited: Promise<Exit>
}

/** Creates an empty folder in which a server runs and keeps its secret; deleted at the end of the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-server-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs the server until it exits: for starts that fail. */
export function runServer(folder: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Exit> {
  return launch(folder, env, args).exited
}

/** Starts the server on a free port and resolves when it serves. @throws Error with its output when it exits instead. */
export async function startServer(folder: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<ServerProcess> {
  const server = launch(folder, env, args)
  return {
    url: await addressOf(server),
    pid: server.child.pid ?? 0,
    stdout: () => server.printed().stdout,
    log: () => readLog(server.printed().stdout),
    stderr: () => server.printed().stderr,
    exited: server.exited,
    signal: (name) => server.child.kill(name),
  }
}

/** Returns the API key that a first start printed, if any. */
export function printedKey({ stderr }: Pick<ServerProcess, 'stderr'>): string | undefined {
  return /^ *export MGX_API_KEY=(mgx_key_\S+)$/m.exec(stderr())?.[1]
}

/** Starts the server and does not wait until it serves. */
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
