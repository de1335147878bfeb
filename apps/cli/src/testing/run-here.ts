import type { Io } from '../io.js'
import { run } from '../run.js'
import type { Exit } from './run-mgx.js'

/** What a command is given: by default a pipe without input and nobody to ask. */
export type Given = {
  env?: Record<string, string | undefined>
  stdin?: string
  /** The size of the terminal that stdout and stderr are; without it they are pipes. */
  terminal?: { columns: number; rows: number }
  /** What a person says when asked; without it nobody can be. */
  answers?: string[]
  /** Interrupts the command when what it has printed satisfies this. */
  interruptWhen?: (printed: string) => boolean
}

/** Runs a command in this process, which takes a hundredth of the time that a process takes. */
export async function mgxHere(args: string[], given: Given = {}): Promise<Exit> {
  const { env = {}, stdin = '', terminal, answers, interruptWhen } = given
  const printed = { stdout: '', stderr: '' }
  let interrupt: (() => void) | undefined
  const output = (name: keyof typeof printed) => ({
    isTTY: terminal !== undefined,
    async write(text: string) {
      printed[name] += text
      if (interruptWhen?.(printed[name])) interrupt?.()
    },
  })
  const io: Io = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env,
    readInput: async () => stdin,
    ask: answers && (async () => answers.shift() ?? ''),
    size: () => terminal,
    onInterrupt(listener) {
      interrupt = listener
      return () => {
        interrupt = undefined
      }
    },
    now: Date.now,
  }
  const code = await run(args, io)
  return { code, ...printed }
}
