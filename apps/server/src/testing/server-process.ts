import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export type Exit = { code: number | null; stdout: string; stderr: string }

/** The built server in a process of its own; killed at the end of the test. */
export type ServerProcess = {
  url: string
  /** What it has printed so far. */
  stdout(): string
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
export function runServer(folder: string, env: NodeJS.ProcessEnv): Promise<Exit> {
  return launch(folder, env).exited
}

/** Starts the server on a port the system chooses; answers when it serves. @throws Error with what it printed when it ends instead. */
export async function startServer(folder: string, env: NodeJS.ProcessEnv): Promise<ServerProcess> {
  const { child, stdout, exited } = launch(folder, env)
  const served = new Promise<string>((resolve) => {
    child.stdout?.on('data', () => {
      const url = /^MGX Backend .* (http:\S+)$/m.exec(stdout())?.[1]
      if (url) resolve(url)
    })
  })
  const ended = exited.then(({ code, stderr }) => {
    throw new Error(`the server ended with ${code}:\n${stdout()}${stderr}`)
  })
  return { url: await Promise.race([served, ended]), stdout, exited, signal: (name) => child.kill(name) }
}

/** The key a first start prints. */
export function printedKey({ stdout }: Pick<ServerProcess, 'stdout'>): string | undefined {
  return /^\s*(mgx_key_\S+)$/m.exec(stdout())?.[1]
}

function launch(
  folder: string,
  env: NodeJS.ProcessEnv,
): { child: ChildProcess; stdout(): string; exited: Promise<Exit> } {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: these tests run the built server. Run: npm run build`)
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const exited = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return { child, stdout: () => stdout, exited }
}
