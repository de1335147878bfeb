import { setTimeout as sleep } from 'node:timers/promises'
import { breakingProxy } from '../packages/db/src/testing/breaking-proxy.js'
import type { Random } from './random.js'
import type { Scenario } from './scenario.js'
import { torturedServer } from './server.js'

type Proxy = Awaited<ReturnType<typeof breakingProxy>>

/** Connections are cut before, in and after replies, and sometimes go silent. */
async function hurtNetwork(proxy: Proxy, random: Random): Promise<void> {
  for (let cut = 0; cut < 6; cut++) {
    await sleep(random.between(5, 60))
    proxy.cutReplies(random.pick(['before', 'in', 'after']))
  }
  if (random.next() < 0.2) {
    proxy.silence()
    await sleep(300)
    proxy.restore()
  }
}

/** The network between the callers and the server is cut. */
export async function callersCut(databaseUrl: string, rounds: number): Promise<Scenario> {
  const { caller, start, close } = await torturedServer()
  start(databaseUrl)
  const proxy = await breakingProxy(caller.url)
  return {
    trouble: 'the network to the callers is cut before, in and after replies',
    rounds,
    caller: { ...caller, url: proxy.url },
    begin: () => databaseUrl,
    hurt: (_, random) => hurtNetwork(proxy, random),
    async close() {
      await proxy.close()
      await close()
    },
  }
}

/** The network between the server and PostgreSQL is cut. */
export async function databaseCut(databaseUrl: string, rounds: number): Promise<Scenario> {
  const { caller, start, close } = await torturedServer()
  const proxy = await breakingProxy(databaseUrl)
  start(proxy.url)
  return {
    trouble: 'the network to the database is cut before, in and after replies',
    rounds,
    caller,
    begin: () => databaseUrl,
    hurt: (_, random) => hurtNetwork(proxy, random),
    async close() {
      await close()
      await proxy.close()
    },
  }
}
