// A worker, so that its own work does not delay the measurements of the test that starts it.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'

const MEBIBYTE = 1 << 20
const SLOW_SENDERS = 500

/** @type {{ port: number, apiKey: string }} */
const { port, apiKey } = workerData
const host = 'Host: localhost\r\nContent-Type: application/json\r\n'
const begin = `${host}Authorization: Bearer ${apiKey}\r\n`
const project = '{"name":"Bomb","idea":"A bomb","metadata":'

/** @type {(path: string, body: string, more?: string) => string} */
const post = (path, body, more = '') =>
  `POST ${path} HTTP/1.1\r\n${begin}${more}Connection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const deep = `${project}${'{"a":'.repeat(5_000)}1${'}'.repeat(5_001)}`
const keys = `${project}{${Array.from({ length: 100_000 }, (_, n) => `"${n}":1`).join(',')}}}`
const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`

/** Each on its own connection, in turn. @type {Record<string, () => Promise<string>>} */
const bombs = {
  depth: () => send([post('/trpc/projects.create', deep)]),
  'depth over REST': () => send([post('/api/projects', deep)]),
  keys: () => send([post('/trpc/projects.create', keys)]),
  'keys of a batch': () => send([post('/trpc/projects.create?batch=1&unusual=1', `{"0":${keys}}`)]),
  commas: () => send([`GET /trpc/${','.repeat(10_000)}?batch=1 HTTP/1.1\r\n${begin}Connection: close\r\n\r\n`]),
  '2 MiB': () => send([post('/trpc/projects.create', 'x'.repeat(2 * MEBIBYTE))]),
  'endless chunks': () =>
    send(endless(`POST /trpc/projects.create HTTP/1.1\r\n${begin}Transfer-Encoding: chunked\r\n\r\n`)),
  gzip: () => send([post('/trpc/projects.create', 'x'.repeat(MEBIBYTE / 2), 'Content-Encoding: gzip\r\n')]),
}

function* endless(/** @type {string} */ head) {
  yield head
  for (;;) yield chunk
}

/**
 * Sends what the server takes and returns the status of its answer. Empty when the connection was reset before the answer
 * was read, which happens to who goes on sending.
 *
 * @param {Iterable<string>} parts
 */
async function send(parts) {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  let answer = ''
  socket.setEncoding('latin1').on('data', (text) => {
    answer += text
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  for (const part of parts) {
    if (socket.destroyed || answer !== '') break
    if (!socket.write(part)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed])
  }
  if (answer !== '') socket.destroy()
  await closed
  return answer.slice(9, 12)
}

const slow = Array.from({ length: SLOW_SENDERS }, () => connect(port, '127.0.0.1').on('error', () => {}))
for (const [index, socket] of slow.entries())
  socket.write(
    index % 2 === 0
      ? 'POST /trpc/projects.create HTTP/1.1\r\nx: '
      : `POST /trpc/projects.create HTTP/1.1\r\n${begin}Content-Length: 1000\r\n\r\n{`,
  )
setInterval(() => {
  for (const socket of slow) if (!socket.destroyed) socket.write(' ')
}, 1_000)

/** @type {Record<string, string[]>} */
const statuses = {}
let stopped = false
parentPort?.once('message', () => {
  stopped = true
})
while (!stopped) {
  for (const [name, bomb] of Object.entries(bombs)) {
    statuses[name] = [...new Set([...(statuses[name] ?? []), await bomb()])]
    // The bombs are made on the cores that the server runs on, which a caller elsewhere would not take from it.
    await sleep(50)
  }
  if (!stopped) parentPort?.postMessage({ round: true })
}
parentPort?.postMessage({ statuses, slow: slow.filter((socket) => !socket.destroyed).length })
for (const socket of slow) socket.destroy()
process.exit(0)
