import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { testDatabases } from '@mgx/db/testing'
import { expect, onTestFinished, test } from 'vitest'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder, startServer } from '../testing/server-process.js'

const ADMIN_KEY = 'the-key-of-the-admin-of-this-test'
const CALLS = 200
/**
 * A p99 below this is as good as any: on a machine with few cores, on which the bombs come from the same cores, a single
 * turn of the scheduler or a collection of garbage takes as long.
 */
const FLOOR_MILLISECONDS = 50
/** What 500 connections and one body at a time take; the bodies sent add up to far more. */
const MORE_MEBIBYTES = 150

/** Records costs, one after the other, and returns how long 99 % of them took at most, in milliseconds. */
async function p99(caller: Caller, projectId: number): Promise<number> {
  const input = { projectId, model: 'gpt-4o', promptTokens: 10, completionTokens: 5, totalCost: '0.001' }
  const times: number[] = []
  for (let count = 0; count < CALLS; count++) {
    const start = performance.now()
    await call(caller, 'costs.record', input)
    times.push(performance.now() - start)
  }
  return times.toSorted((a, b) => a - b)[Math.ceil(CALLS * 0.99) - 1] ?? 0
}

function mebibytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024
}

test.each(testDatabases)(
  'on $name, bombs of one tenant neither delay another nor change a row',
  async (database) => {
    const folder = emptyFolder()
    const databaseUrl = database.name === 'sqlite' ? `sqlite:${folder}/ledger.db` : await database.migratedUrl()
    const { url, pid } = await startServer(folder, {
      DATABASE_URL: databaseUrl,
      MGX_ADMIN_API_KEY: ADMIN_KEY,
      MGX_SEED: '0',
    })
    const [tenant, attacker] = ['a-tenant-of-this-server', 'an-attacker-of-this-server'].map((apiKey) => ({
      url,
      apiKey,
    }))
    if (!tenant || !attacker) throw new Error('two callers')
    for (const { apiKey } of [tenant, attacker]) {
      const user = { username: apiKey, email: `${apiKey}@example.com`, apiKey }
      await call({ url, apiKey: ADMIN_KEY }, 'users.create', user)
    }
    const { id } = (await call(tenant, 'projects.create', { name: 'Snake', idea: 'A game' })) as { id: number }
    await call(attacker, 'users.me')
    await p99(tenant, id)
    const before = await p99(tenant, id)
    const memory = mebibytes(pid)

    const worker = new Worker(new URL('../testing/bombs.mjs', import.meta.url), {
      workerData: { port: Number(new URL(url).port), apiKey: attacker.apiKey },
    })
    onTestFinished(() => void worker.terminate())
    // Once all the slow senders are there and each bomb has gone off.
    await once(worker, 'message')
    const during = await p99(tenant, id)
    const grown = mebibytes(pid) - memory
    const result = new Promise<object>((resolve) =>
      worker.on('message', (message) => 'statuses' in message && resolve(message)),
    )
    worker.postMessage('stop')
    expect(await result).toEqual({
      statuses: {
        depth: ['400'],
        'depth over REST': ['400'],
        keys: ['400'],
        'keys of a batch': ['400'],
        commas: ['400'],
        '2 MiB': ['413'],
        // A caller that sends on past what is read is reset, which may overtake the answer.
        'endless chunks': expect.toSatisfy((all: string[]) => all.every((status) => status === '413' || status === '')),
        gzip: ['415'],
      },
      slow: expect.any(Number),
    })
    const after = await p99(tenant, id)

    expect(during).toBeLessThan(Math.max(2 * Math.max(before, after), FLOOR_MILLISECONDS))
    expect(grown).toBeLessThan(MORE_MEBIBYTES)
    expect(await call(attacker, 'projects.list')).toEqual({ items: [], nextCursor: null })
    expect(await call(tenant, 'costs.total', { projectId: id })).toMatchObject({ records: 4 * CALLS })
    expect(await call({ url, apiKey: ADMIN_KEY }, 'system.verify')).toMatchObject({ ok: true })
  },
  120_000,
)
