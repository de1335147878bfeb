// Plain JavaScript, because scripts start servers with it too.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A server in its own process. `printed` returns its output so far: the log on `stdout`, messages for people on
 * `stderr`. `exited` resolves with its exit code and all of its output.
 *
 * @typedef {{ stdout: string, stderr: string }} Printed
 * @typedef {Printed & { code: number | null }} Exit
 * @typedef {{ child: import('node:child_process').ChildProcess, printed(): Printed, exited: Promise<Exit> }} LaunchedServer
 */

/**
 * Starts a server with a command. Its output goes to files, so that it never blocks on a reader.
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
 * Reads the log of a server from its stdout, which may contain nothing else.
 *
 * @param {string} stdout its output so far; an incomplete last line is left out
 * @returns {Record<string, unknown>[]} the object of each line
 * @throws Error for a line that is not JSON
 */
export function readLog(stdout) {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      try {
        return JSON.parse(line)
      } catch {
        throw new Error(`a server's stdout has a line that is not of its log: ${line}`)
      }
    })
}

const IS_PRETTY = /^\[\d\d:/
const URL_IN_LINE = /"url(?:\.full)?":"([^"]+)"/

/**
 * Waits until a server logs its URL, in any format, and returns it.
 *
 * @param {LaunchedServer} server
 * @returns {Promise<string>}
 * @throws Error with its output when it exits instead, or when its stdout is not a log
 */
export async function addressOf({ printed, child, exited }) {
  while (child.exitCode === null && child.signalCode === null) {
    const { stdout } = printed()
    if (!IS_PRETTY.test(stdout)) readLog(stdout)
    const line = stdout.split('\n').find((each) => each.includes('listening'))
    const url = line && URL_IN_LINE.exec(line)?.[1]
    if (url) return url
    await sleep(20)
  }
  const { code, stdout, stderr } = await exited
  throw new Error(`the server ended with ${code}:\n${stdout}${stderr}`)
}
