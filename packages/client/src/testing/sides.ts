import { testDatabases } from '@mgx/db/testing'
import { startTestServer, type TestServer } from '@mgx/server/testing'
import { createMgxClient, type MgxClient, MgxError } from '../index.js'
import { createMemoryServer, type MemoryServer } from '../memory-server/index.js'

/** A server that is called: the one in memory, or a real one. */
export type Side = {
  readonly mgx: MgxClient
  /** The client of another caller. */
  as(apiKey: string): MgxClient
  /** What the admin is answered who sends no input at all, which the client never does. */
  bare(path: string): Promise<unknown>
  /** Lets every hold pass its time. */
  letHoldsFallDue(): Promise<void>
  /** Expires what is due. */
  sweep(): Promise<void>
  close(): Promise<void>
}

/** The server in memory and real ones, for `describe.each`. */
export const sides: readonly { name: string; start(): Promise<Side> }[] = [
  { name: 'in memory', start: async () => memorySide(createMemoryServer()) },
  ...testDatabases.map(({ name, url }) => ({
    name: `on ${name}`,
    start: async () => realSide(await startTestServer({ databaseUrl: await url() })),
  })),
]

function memorySide(server: MemoryServer): Side {
  return {
    mgx: createMgxClient(server),
    as: (apiKey) => createMgxClient({ ...server, apiKey }),
    bare: bareCalls(server),
    letHoldsFallDue: async () => server.advance(48 * 3600),
    // Every call to it sweeps.
    sweep: async () => undefined,
    close: async () => undefined,
  }
}

function realSide({ url, adminApiKey, services, close }: TestServer): Side {
  const as = (apiKey: string) => createMgxClient({ url, apiKey })
  return {
    mgx: as(adminApiKey),
    as,
    bare: bareCalls({ url, apiKey: adminApiKey, fetch }),
    async letHoldsFallDue() {
      await services.db('reservations').where({ status: 'held' }).update({ expiresAt: '2020-01-01T00:00:00.000Z' })
    },
    async sweep() {
      while ((await services.ledger.expireDue()) > 0);
    },
    close,
  }
}

function bareCalls({ url, apiKey, fetch }: Pick<MemoryServer, 'url' | 'apiKey' | 'fetch'>): Side['bare'] {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  return async (path) => {
    const response = await fetch(`${url}/trpc/${path}`, { method: 'POST', headers })
    const { result, error } = JSON.parse(await response.text())
    return comparable({ status: response.status, ...(error ? { refused: error.message } : result) })
  }
}

/** What a call answers, or is refused with. */
export async function outcomeOf(mgx: MgxClient, path: string, input?: unknown): Promise<unknown> {
  const [namespace = '', name = ''] = path.split('.')
  const methods = mgx as unknown as Record<string, Record<string, (input?: unknown) => Promise<unknown>>>
  try {
    return comparable(await methods[namespace]?.[name]?.(input))
  } catch (error) {
    if (!(error instanceof MgxError)) throw error
    const { reason, status, message, details } = error
    return comparable({ refused: reason, status, message, details, path: error.path })
  }
}

/** Without what is another each time: instants, keys, tokens and cursors. */
function comparable(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (name, value: unknown) => {
    if (name === 'lastUsedAt') return '<sometime>'
    if (typeof value !== 'string') return value
    if (name === 'nextCursor' || name === 'prefix') return `<${name}>`
    return value.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>').replaceAll(/mgx_(key|ses)_[\w-]+/g, '<$1>')
  })
}
