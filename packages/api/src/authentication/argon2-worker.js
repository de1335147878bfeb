// JavaScript, because a worker's file is run as it is, from the sources and from the build.
import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { hashSync, verifySync } from '@node-rs/argon2'

stepBack()
parentPort?.on('message', (/** @type {import('./argon2-thread.js').Argon2Job} */ { apiKey, proof }) => {
  try {
    const result = proof === undefined ? hashSync(apiKey) : verifySync(proof, apiKey)
    parentPort?.postMessage({ result })
  } catch (error) {
    parentPort?.postMessage({ error })
  }
})

/** Gives way to every thread that serves calls. Linux knows a priority a thread; elsewhere this one keeps the process's. */
function stepBack() {
  if (process.platform !== 'linux') return
  try {
    const [threadId] = readlinkSync('/proc/thread-self').split('/').slice(-1)
    setPriority(Number(threadId), constants.priority.PRIORITY_LOW)
  } catch {
    // A container may hide /proc or forbid it. Keys are proven all the same.
  }
}
