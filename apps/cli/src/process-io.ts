import { writeSync } from 'node:fs'
import { environment } from './config.js'
import type { Io, Output } from './io.js'

/** Returns the streams, the environment and the signals of this process. */
export function processIo(): Io {
  const { stdin, stdout, stderr } = process
  for (const stream of [stdout, stderr])
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      // A reader that has seen enough, such as `head`, is no failure.
      if (code === 'EPIPE') process.exit(0)
      if (stream === stdout) writeSync(stderr.fd, `mgx: cannot write the output: ${code}\n`)
      process.exit(1)
    })
  return {
    stdout: outputOf(stdout),
    stderr: outputOf(stderr),
    env: environment(),
    async readInput() {
      let text = ''
      stdin.setEncoding('utf8')
      for await (const part of stdin) text += part
      return text
    },
    ask: stdin.isTTY && stderr.isTTY ? ask : undefined,
    size: () => (stdout.isTTY ? { columns: stdout.columns || 80, rows: stdout.rows || 24 } : undefined),
    onInterrupt(listener) {
      process.once('SIGINT', listener).once('SIGTERM', listener)
      return () => void process.off('SIGINT', listener).off('SIGTERM', listener)
    },
    now: Date.now,
  }
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    isTTY: stream.isTTY === true,
    write: (text) =>
      new Promise((resolve) => {
        if (stream.write(text)) resolve()
        else stream.once('drain', resolve)
      }),
  }
}

/** Asks on stderr, so that stdout has data only. Without echo the terminal is in raw mode, where Ctrl-C is a character. */
async function ask(question: string, { secret }: { secret: boolean }): Promise<string> {
  const { createInterface } = await import('node:readline')
  const { Writable } = await import('node:stream')
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: secret ? silent : process.stderr, terminal: secret })
  // Only now, because what is typed before raw mode would be shown.
  process.stderr.write(question)
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
      if (secret) process.stderr.write('\n')
    })
    lines.once('SIGINT', () => {
      lines.close()
      process.stderr.write('\n')
      process.kill(process.pid, 'SIGINT')
    })
    lines.once('close', () => resolve(''))
  })
}
