// Plain JavaScript, as scripts start servers with it too.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A server in a process of its own. `printed` is what it has printed so far: its log on `stdout`, words for people on
 * `stderr`. `exited` is how it ended, when it has.
 *
 * @typedef {{ stdout: string, stderr: string }} Printed
 * @typedef {Printed & { code: number | null }} Exit
 * @typedef {{ child: import('node:child_process').ChildProcess, printed(): Printed, exited: Promise<Exit> }} LaunchedServer
 */

/**
 * Starts a server by a command. It prints into files, so that it never waits for a reader.
 *
 * @param {[program: string, ...args: string[]]} command
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {LaunchedServer}
 */
export function launchServer([program, ...args], options) {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-printed-'))
  const files = { stdout: join(folder, 'stdout'), stderr: join(folder, 'stderr') }
  const outputs = [openSync(files.stdout, 'w'), openSync(files.stderr, 'w')]
  const child = spawn(program, args, { ...options, stdio: ['ignore', ...outputs] })
  for (const output of outputs) closeSync(output)
  let read = () => ({ stdout: readFileSync(files.stdout, 'utf8'), stderr: readFileSync(files.stderr, 'utf8') })
  const exited = once(child, 'close').then(([code]) => {
    const all = read()
    read = () => all
    rmSync(folder, { recursive: true })
    return { code, ...all }
  })
  return { child, printed: () => read(), exited }
}

/**
 * Where a server listens, once its log says so.
 *
 * @param {LaunchedServer} server
 * @returns {Promise<string>}
 * @throws Error with what it printed when it ends instead
 */
export async function addressOf({ printed, child, exited }) {
  while (child.exitCode === null && child.signalCode === null) {
    const [line] = /^\{.*"msg":"listening".*\}$/m.exec(printed().stdout) ?? []
    if (line) return JSON.parse(line).url
    await sleep(20)
  }
  const { code, stdout, stderr } = await exited
  throw new Error(`the server ended with ${code}:\n${stdout}${stderr}`)
}
