import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** A command that runs on its own pseudo-terminal. */
export type OnTerminal = {
  /** All that the terminal was sent so far. */
  screen(): string
  /** Resolves when the terminal was sent this. @throws Error when the command ends before. */
  shows(text: string | RegExp): Promise<void>
  type(text: string): void
  exited: Promise<number>
}

/**
 * Runs the built command on a pseudo-terminal of util-linux' `script`, which every Linux has: no package with a
 * prebuilt binary is as widely kept.
 */
export function mgxOnTerminal(
  args: string[],
  { env = {}, columns = 80, rows = 24 }: { env?: Record<string, string>; columns?: number; rows?: number } = {},
): OnTerminal {
  const words = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ')
  const command = `stty cols ${columns} rows ${rows}; exec ${words}`
  const options = { env: { PATH: process.env.PATH, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env } }
  const child: ChildProcess = spawn('script', ['-qefc', command, '/dev/null'], { ...options, stdio: 'pipe' })
  let screen = ''
  const waiting = new Set<() => void>()
  const told = () => {
    for (const look of waiting) look()
  }
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    screen += text
    told()
  })
  const exited = new Promise<number>((resolve) => {
    child.on('close', (code) => {
      resolve(code ?? -1)
      told()
    })
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    screen: () => screen,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const isThere = typeof text === 'string' ? screen.includes(text) : text.test(screen)
          if (!isThere && child.exitCode === null) return
          waiting.delete(look)
          if (isThere) resolve()
          else reject(new Error(`the terminal never showed ${text}:\n${screen}`))
        }
        waiting.add(look)
        look()
      }),
    type: (text) => void child.stdin?.write(text),
    exited,
  }
}
