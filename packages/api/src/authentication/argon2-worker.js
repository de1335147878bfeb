// JavaScript, because Node runs a worker file as it is, from the sources as well as from the build.
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

/** Lowers this thread's priority below the threads that serve calls. Only Linux has a priority per thread. */
function stepBack() {
  if (process.platform !== 'linux') return
  try {
    const [threadId] = readlinkSync('/proc/thread-self').split('/').slice(-1)
    setPriority(Number(threadId), constants.priority.PRIORITY_LOW)
  } catch {
    // A container may hide or forbid /proc. The thread then keeps its normal priority.
  }
}
