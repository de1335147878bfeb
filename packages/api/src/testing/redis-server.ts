import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@mgx/db/testing'
import { createClient } from '@redis/client'
import type { RedisClient } from '../shared-state/redis-connection.js'

export type RedisServer = {
  readonly url: string
  /** Ends it as a crash would, without a word to its clients. */
  kill(): Promise<void>
  /** Starts it again on the same port, empty. */
  start(): Promise<void>
  /** Stops it where it is, connections open, until `thaw`. */
  freeze(): void
  thaw(): void
  /** Runs commands on a connection of their own. */
  ask<Result>(work: (client: RedisClient) => Promise<Result>): Promise<Result>
}

/** Starts the program `redis-server` on a free port, keeping nothing on disk. */
export async function startRedis(options: { password?: string } = {}): Promise<RedisServer> {
  const port = await freePort()
  const { password } = options
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    if (password !== undefined) args.push('--requirepass', password)
    child = spawn('redis-server', args, { stdio: 'ignore' })
    const failed = once(child, 'error').then(([error]) => Promise.reject(error))
    await Promise.race([failed, untilListening(port)])
  }

  await start()
  const url = `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`
  return {
    url,
    start,
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    async ask(work) {
      const client = createClient({ url })
      await client.connect()
      try {
        return await work(client)
      } finally {
        client.destroy()
      }
    },
  }
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    const isListening = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (isListening) return
    await sleep(20)
  }
}
