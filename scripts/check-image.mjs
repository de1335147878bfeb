// `check:image`: does what deploy/Dockerfile says in bare folders (no container engine is needed), starts what comes out as
// its user, who may write only to /data, and uses it. Prints the size of the tree, the time from start to ready, and the
// memory after 100,000 cost records.
import './install.mjs'
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { addressOf, launchServer } from '../apps/server/src/testing/launch-server.mjs'
import { freePort } from '../packages/db/src/testing/free-port.mjs'
import { environmentOf, pathIn, runDockerfile } from './run-dockerfile.mjs'

const BATCHES = 100
const BATCH_RECORDS = 1_000
const AT_ONCE = 4
const STARTS = 5
const MOST_MEBIBYTES = 220

const apiKey = randomBytes(24).toString('hex')
const folder = mkdtempSync(join(tmpdir(), 'mgx-image-'))
chmodSync(folder, 0o755)
try {
  await checkImage()
} finally {
  rmSync(folder, { recursive: true })
}

async function checkImage() {
  const stage = runDockerfile('deploy/Dockerfile', folder)
  const app = pathIn(stage, '.')
  const translated = environmentOf(stage)
  const env = {
    ...translated,
    PATH: `${translated.PATH}:${dirname(process.execPath)}`,
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    MGX_SECRET: randomBytes(32).toString('hex'),
    MGX_ADMIN_API_KEY: apiKey,
  }
  const options = { cwd: app, env, ...(process.getuid?.() === 0 && { uid: stage.uid, gid: stage.uid }) }
  execFileSync('chmod', ['-R', 'a-w', app])
  const [program = '', ...args] = stage.command

  const milliseconds = []
  for (let start = 1; start <= STARTS; start++) {
    const begin = performance.now()
    const server = launchServer([program, ...args], options)
    const url = await addressOf(server)
    await expectStatus(`${url}/readyz`, 200)
    milliseconds.push(performance.now() - begin)
    if (start === STARTS) await use(url, server.child.pid, options, stage.healthcheck)
    server.child.kill('SIGTERM')
    const { code, stderr } = await server.exited
    if (code !== 0) throw new Error(`the server ended with ${code}: ${stderr}`)
  }
  const refused = spawnSync('sh', ['-c', 'touch dist/new'], options)
  if (options.uid !== undefined && refused.status === 0) throw new Error('the user can write to the tree')

  const [size] = execFileSync('du', ['-sm', app], { encoding: 'utf8' }).split('\t')
  const [first = 0, ...later] = milliseconds.map(Math.round)
  console.log(
    `The tree has ${size} MiB. From start to ready: ${first} ms on a new database, then ${later.join(', ')} ms.`,
  )
}

/**
 * Uses every part of the server that needs a file of the tree.
 * @param {string} url
 * @param {number | undefined} pid
 * @param {import('node:child_process').SpawnSyncOptions} options
 * @param {string[]} healthcheck
 */
async function use(url, pid, options, healthcheck) {
  for (const path of ['/', '/docs', '/docs/swagger-ui-bundle.js', '/favicon.ico', '/openapi.json', '/metrics'])
    await expectStatus(url + path, 200)
  for (const [command, ...rest] of [healthcheck, ['mgx', 'db', 'status'], ['mgx', 'db', 'verify']]) {
    const { status, stderr, error } = spawnSync(command ?? '', rest, { ...options, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${command} ${rest.join(' ')}: ${error ?? stderr}`)
  }
  const { id: projectId } = await post(`${url}/api/projects`, { name: 'Snake', idea: 'A game', investment: '1000000' })
  const records = Array(BATCH_RECORDS).fill({ projectId, model: 'gpt-4o', promptTokens: 1_000, completionTokens: 500 })
  for (let sent = 0; sent < BATCHES; sent += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => post(`${url}/trpc/costs.recordMany`, { records })))
  }
  const { result } = await post(`${url}/trpc/costs.total`, { projectId })
  if (result.data.records !== BATCHES * BATCH_RECORDS) throw new Error(`${result.data.records} records were written`)
  const mebibytes = Math.round(
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024,
  )
  console.log(`After ${BATCHES * BATCH_RECORDS} records: ${mebibytes} MiB of memory, of at most ${MOST_MEBIBYTES}.`)
  if (mebibytes > MOST_MEBIBYTES) throw new Error(`the server uses ${mebibytes} MiB of memory`)
}

/** @param {string} url @param {object} body @returns {Promise<any>} */
async function post(url, body) {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return response.json()
}

/** @param {string} url @param {number} status */
async function expectStatus(url, status) {
  const response = await fetch(url)
  await response.arrayBuffer()
  if (response.status !== status) throw new Error(`${url}: ${response.status}`)
}
