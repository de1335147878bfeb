import { Worker } from 'node:worker_threads'

/** Makes the proof of an API key, or, with a proof, finds out whether it is one of that key. */
export type Argon2Job = { apiKey: string; proof?: string }
type Answer = { result: string | boolean } | { error: Error }

/**
 * Runs argon2, one job at a time, in a thread that this process has for nothing else: it takes tens of milliseconds, and
 * on Node's shared threads SQLite would wait for it. The thread starts with the first job and holds the process only
 * while it works.
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
