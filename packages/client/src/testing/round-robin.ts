import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

const PROBE_MILLISECONDS = 500

/** A balancer as simple as those in front of real servers: it asks `/readyz`, and never tries a second server. */
export type RoundRobin = {
  readonly url: string
  add(server: string): void
  /** Resolves when this server gets connections. */
  inRotation(server: string): Promise<void>
  /** How many connections each server got. */
  connections(): ReadonlyMap<string, number>
  /** How many connections went to a server that did not accept them. */
  refused(): number
  close(): Promise<void>
}

/** Starts a TCP balancer: each new connection goes to the next server that was ready when last asked, and stays there. */
export async function roundRobin(): Promise<RoundRobin> {
  const servers = new Map<string, { isReady: boolean; connections: number }>()
  let turn = 0
  let refused = 0

  async function probe(): Promise<void> {
    await Promise.all(
      [...servers].map(async ([url, server]) => {
        const status = await fetch(`${url}/readyz`).then(
          async (response) => {
            await response.text()
            return response.status
          },
          () => 0,
        )
        server.isReady = status === 200
      }),
    )
  }

  const timer = setInterval(() => void probe(), PROBE_MILLISECONDS)
  const listener = createServer((near) => {
    const ready = [...servers].filter(([, { isReady }]) => isReady)
    turn += 1
    const [url, server] = ready[turn % ready.length] ?? []
    near.on('error', () => near.destroy())
    if (!url || !server) {
      near.destroy()
      return
    }
    server.connections += 1
    const far = connect(Number(new URL(url).port), new URL(url).hostname)
    far.on('error', () => near.destroy())
    let isAccepted = false
    far.on('connect', () => {
      isAccepted = true
    })
    near.on('close', () => far.destroy())
    far.on('close', () => {
      if (!isAccepted) refused += 1
      near.destroySoon()
    })
    near.pipe(far).pipe(near)
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    add: (url) => servers.set(url, { isReady: false, connections: 0 }),
    async inRotation(url) {
      while (!servers.get(url)?.isReady) await probe()
    },
    connections: () => new Map([...servers].map(([url, { connections }]) => [url, connections])),
    refused: () => refused,
    async close() {
      clearInterval(timer)
      listener.close()
    },
  }
}
