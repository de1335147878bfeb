import { setTimeout as sleep } from 'node:timers/promises'
import type { Scenario } from './scenario.js'
import { torturedServer } from './server.js'

/** The server is killed with SIGKILL under load and started again; every tenth time it is killed while it starts, too. */
export async function serverKilled(databaseUrl: string, rounds: number): Promise<Scenario> {
  const { caller, start, kill, close } = await torturedServer()
  start(databaseUrl)
  return {
    trouble: 'the server is killed and started again',
    rounds,
    caller,
    begin: () => databaseUrl,
    async hurt(_, random) {
      await sleep(random.between(5, 250))
      await kill()
      if (random.next() < 0.1) {
        start(databaseUrl)
        await sleep(random.between(50, 1_500))
        await kill()
      }
      start(databaseUrl)
    },
    close,
  }
}
