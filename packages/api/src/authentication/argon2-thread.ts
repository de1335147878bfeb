import { Worker } from 'node:worker_threads'

/** Creates the proof of an API key or, given a proof, checks whether it matches the key. */
export type Argon2Job = { apiKey: string; proof?: string }
type Answer = { result: string | boolean } | { error: Error }

/**
 * Runs argon2, one job at a time, in a dedicated thread: a job takes tens of milliseconds, and in Node's shared thread
 * pool it would delay SQLite. The thread starts with the first job and keeps the process alive only while it works.
 */
export function argon2Thread(): (job: Argon2Job) => Promise<string | boolean> {
  let thread: Worker | undefined

  function start(): Worker {
    const worker = new Worker(new URL('./argon2-worker.js', import.meta.url))
    worker.once('exit', () => {
      thread = undefined
    })
    return worker
  }

  return (job) => {
    thread ??= start()
    const worker = thread
    worker.ref()
    return new Promise((resolve, reject) => {
      const settle = (answer: Answer) => {
        worker.off('message', settle).off('error', fail).unref()
        if ('error' in answer) reject(answer.error)
        else resolve(answer.result)
      }
      const fail = (error: Error) => settle({ error })
      worker.on('message', settle).on('error', fail)
      worker.postMessage(job)
    })
  }
}
