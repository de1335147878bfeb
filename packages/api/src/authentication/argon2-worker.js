// JavaScript, because Node runs a worker file as it is, from the sources as well as from the build.
import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { hashSync, verifySync } from '@node-rs/argon2'

/**
 * The second choice of OWASP's Password Storage Cheat Sheet, as strong as its first with less memory. Argon2id, version
 * 1.3, is the library's default.
 */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 }

stepBack()
parentPort?.on('message', (/** @type {import('./argon2-thread.js').Argon2Job} */ { apiKey, proof }) => {
  try {
    const result = proof === undefined ? hashSync(apiKey, PARAMETERS) : verifySync(proof, apiKey)
    parentPort?.postMessage({ result })
  } catch (error) {
    parentPort?.postMessage({ error })
  }
})

/**
 * Lowers the priority of this thread, which then takes a tenth of a busy core from the threads that serve calls. The lowest
 * one would leave a start beside a busy program waiting for seconds. Only Linux has a priority per thread.
 */
function stepBack() {
  if (process.platform !== 'linux') return
  try {
    const [threadId] = readlinkSync('/proc/thread-self').split('/').slice(-1)
    setPriority(Number(threadId), constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // A container may hide or forbid /proc. The thread then keeps its normal priority.
  }
}
